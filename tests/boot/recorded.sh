#!/bin/sh
# A run at the host's pace, with keys, bytes of a serial line and another floppy, is recorded and runs again, twice, in each engine and
# with the debugger going back in it, to the same state.
. "$(dirname "$0")/lib.sh"

# again FILE OPTION...: replayed, it ends in the state that $dir/live has.
again() {
    run=$1
    shift
    "$VITRINE" -display none -timeout "${LIMIT:-300}" -replay "$run" "$@" -statehash >"$dir/out" 2>"$dir/error" ||
        { cat "$dir/out" "$dir/error"; fail "exit code $?"; }
    grep 'the recording ends here' "$dir/error" "$dir/out" >/dev/null || fail 'not said that it ends'
    grep '^state hash' "$dir/out" >"$dir/again" || fail 'no state hash'
    cmp "$dir/live" "$dir/again" || fail "another state: $*"
}

live() {
    "$VITRINE" -display none -clock host -statehash "$@" >"$dir/out" 2>"$dir/error" || { cat "$dir/error"; fail "exit code $?"; }
    grep '^state hash' "$dir/out" >"$dir/live" || fail 'no state hash'
}

live -m 64 -drives fast -expect 'D  a drawing' -send dx -expect Clock -wait 300ms -record "$dir/hello.run"
for engine in fast slow debug; do
    again "$dir/hello.run" -m 64 -engine $engine
done
again "$dir/hello.run" -m 64 -clock host
again "$dir/hello.run" -m 64 -debug-command 'catch count 3000000; c; rs 100000; step 100; rs; c; rc; c; delete all; c'
echo "hello: $(cat "$dir/live")"

code=0                                          # ended from outside, it is whole, too
printf 'bytes of a line' | "$VITRINE" -display none -clock host -timeout 2 -serial stdio -m 32 -statehash -state "$dir/state" \
    -record "$dir/line.run" >"$dir/out" 2>"$dir/error" || code=$?
[ $code = 8 ] || fail "exit code $code, expected 8"
vitrine -m 32 -replay "$dir/line.run" -state "$dir/again.state" 2>"$dir/error"
cmp "$dir/state" "$dir/again.state" || fail 'another state behind a -timeout'

if [ -e "$guests/freedos-1440K.img" ]; then
    cp "$guests/freedos-1440K.img" "$dir/dos.img"
    live "$dir/dos.img" -snapshot -drives fast -expect 'A:\>' -send 'echo recorded> new.txt\n' -send 'type new.txt\n' -expect recorded -wait 500ms \
        -record "$dir/dos.run"
    again "$dir/dos.run" "$dir/dos.img"
    again "$dir/dos.run" "$dir/dos.img" -engine debug
    again "$dir/dos.run" "$dir/dos.img" -debug-command 'catch count 9000000; c; rs 12345; c; last-write 46c; c; c'
    printf X | dd of="$dir/dos.img" bs=1 seek=700000 conv=notrunc 2>/dev/null
    fails 2 vitrine "$dir/dos.img" -replay "$dir/dos.run" 2>"$dir/error"
    grep 'dos.img has changed' "$dir/error" || fail 'not said that the image has changed'
    echo "freedos: $(cat "$dir/live")"
fi

fails 18 "$VITRINE" -display none -m 64 -replay "$dir/hello.run" -debug-command 'catch count 9000000; c; setpmem 80000 4 12345678; c' >"$dir/out" 2>"$dir/error"
grep 'leaves the recording between instruction' "$dir/error" "$dir/out" || fail 'a run that is another one is not found'
fails 2 vitrine -m 32 -replay "$dir/hello.run" 2>"$dir/error"
grep 'memory: expected 64M' "$dir/error" || fail 'not said that the memory is another'
fails 2 vitrine -m 64 -replay "$dir/hello.run" -send x 2>"$dir/error"
fails 2 vitrine -m 64 -replay "$dir/hello.run" -record "$dir/x.run" 2>"$dir/error"
head -c 900 "$dir/hello.run" >"$dir/cut.run"
fails 2 vitrine -m 64 -replay "$dir/cut.run" 2>"$dir/error"
echo 'recorded and run again'

#!/bin/sh
# Kept under way in a file and gone on from it, in every engine, a boot ends as if nobody had: -savevm, -loadvm, and the debugger's
# savevm and loadvm; with what the guest wrote to its disk, whose image stays as it is.
. "$(dirname "$0")/lib.sh"

# ends FILE OPTION...: run, and leave the state hash there.
ends() {
    to=$1
    shift
    vitrine "$@" -statehash >"$dir/out" 2>"$dir/error" || { cat "$dir/error"; fail "exit code $?"; }
    grep '^state hash' "$dir/out" >"$to" || fail "no state hash"
}

# kept NAME MIDDLE END OPTION...: saved at one moment of virtual time, all end at the other.
kept() {
    name=$1 middle=$2 end=$3
    shift 3
    ends "$dir/alone" "$@" -stop-at $end
    ends "$dir/middle" "$@" -stop-at $middle -savevm "$dir/$name.state"
    for engine in $engines; do
        ends "$dir/$engine" "$@" -loadvm "$dir/$name.state" -stop-at $end -engine $engine
        cmp "$dir/alone" "$dir/$engine" || fail "$name: gone on in the $engine engine, it ends otherwise"
    done
    # at the prompt: kept, gone on, back, and on to the end
    vitrine "$@" -stop-at $end -statehash -debug-command "catch count 3000000; c; savevm $dir/prompt.state; step 100000; loadvm $dir/prompt.state; c" \
        >"$dir/out" 2>"$dir/error" || { cat "$dir/out" "$dir/error"; fail "$name: at the prompt"; }
    grep '^state hash' "$dir/out" >"$dir/prompt" || fail "no state hash"
    cmp "$dir/alone" "$dir/prompt" || fail "$name: kept and gone on from at the prompt, it ends otherwise"
    echo "$name: $(cat "$dir/alone")"
}

engines='fast slow debug step'
kept hello 700ms 900ms -m 64
engines='fast slow debug'
grub=/usr/lib/grub-rescue/grub-rescue-cdrom.iso
[ ! -e $grub ] || kept grub 1500ms 2500ms $grub -m 64 -mips 10
memtest=/usr/lib/memtest86+/memtest86+ia32.iso
[ ! -e $memtest ] || kept memtest 2s 3s $memtest -m 32 -mips 10

freedos=$guests/freedos-1440K.img
if [ -e "$freedos" ]; then
    cp "$freedos" "$dir/dos.img"
    before=$(cksum <"$dir/dos.img")
    vitrine "$dir/dos.img" -snapshot -expect 'A:\>' -send 'echo kept in the state> kept.txt\n' -expect 'A:\>' -wait 2s -savevm "$dir/dos.state"
    vitrine "$dir/dos.img" -loadvm "$dir/dos.state" -send 'cls\n' -wait 1s -send 'type kept.txt\n' -expect 'kept in the state' \
        -send 'echo and again> more.txt\n' -wait 3s -savevm "$dir/dos.state"
    vitrine "$dir/dos.img" -loadvm "$dir/dos.state" -send 'cls\ntype more.txt\n' -expect 'and again'
    [ "$before" = "$(cksum <"$dir/dos.img")" ] || fail 'the image is another'
    printf X | dd of="$dir/dos.img" bs=1 seek=700000 conv=notrunc 2>/dev/null
    fails 2 vitrine "$dir/dos.img" -loadvm "$dir/dos.state" 2>"$dir/error"
    grep 'dos.img has changed' "$dir/error" || fail 'not said that the image has changed'
fi
fails 2 vitrine -m 32 -loadvm "$dir/hello.state" 2>"$dir/error"
grep 'memory: expected 64M' "$dir/error" || fail 'not said that the memory is another'
head -c 5000 "$dir/hello.state" >"$dir/cut.state"
fails 2 vitrine -m 64 -loadvm "$dir/cut.state" 2>"$dir/error"
grep 'cut off' "$dir/error" || fail 'not said that it is cut off'
fails 2 vitrine -m 64 -savevm "$dir/no/folder" 2>"$dir/error"
fails 2 vitrine -m 64 -loadvm "$dir/none" 2>"$dir/error"
grep 'cannot read' "$dir/error" || fail 'not said that there is none'
echo 'kept and gone on from'

#!/bin/sh
# Steps in virtual time: -send moves and clicks the mouse, -wait lets time pass, -stop-at ends the run at its moment (a busy guest
# at the first instruction's end from there on) and with one state in every engine; -report says so.
. "$(dirname "$0")/lib.sh"
command -v nasm >/dev/null || { echo "skipped: nasm is missing (Debian package nasm)"; exit 77; }
nasm -f bin "$SOURCE/tests/boot/mouse.asm" -o "$dir/mouse.img"
# reported WORD: the number that the report has for it.
reported() { sed -n "s/^.*\"$1\": \([0-9]*\),.*$/\1/p" "$dir/report"; }

# near GOT WANTED: at most one access to a slow bus later.
near() { [ "$1" -ge "$2" ] && [ "$1" -le $(($2 + 5000)) ] || fail "$1 ns, expected $2"; }

# Packets: buttons and signs, right, up.
vitrine "$dir/mouse.img" -m 16 -debugcon stdio -expect 'mouse on' -send '<mouse 10 -5>' -wait 100ms -send '<click right>' \
    -send '<button left down><mouse -3 4><button left up>' -wait 100ms | tail -n 7 >"$dir/said"
cat "$dir/said"
printf '%s\n' 'mouse on' '08 0A 05' '0A 00 00' '08 00 00' '09 00 00' '39 FD FC' '08 00 00' | cmp - "$dir/said" || fail "other packets"

# What firmware writes to port 402h is a log of its own, and no expectation's.
fails 12 vitrine "$dir/mouse.img" -m 16 -debugcon "file:$dir/console" -log firmware -expect 'Found QEMU fw_cfg' -stop-at 200ms 2>"$dir/firmware"
grep -q '^firmware: Found QEMU fw_cfg' "$dir/firmware" || { cat "$dir/firmware"; fail "no log of the firmware"; }
if grep -q 'SeaBIOS' "$dir/console"; then fail "the firmware's text is on the debug console"; fi

# A wait takes its time, and the end of it ends the run.
vitrine "$dir/mouse.img" -m 16 -expect 'mouse on' -report "$dir/report"
before=$(reported virtual_ns)
vitrine "$dir/mouse.img" -m 16 -expect 'mouse on' -wait 10ms -wait 20ms -report "$dir/report"
near $(($(reported virtual_ns) - before)) 30000000
fails 12 vitrine "$dir/mouse.img" -m 16 -expect 'mouse on' -wait 1m -expect never -stop-at 200ms

# The end, busy, with one state; and halted, to the nanosecond.
for time in 1234567ns/1234567 123.456789ms/123456789; do
    for engine in fast slow debug step; do
        vitrine "$dir/mouse.img" -m 16 -stop-at ${time%/*} -engine $engine -statehash -report "$dir/report" | tail -n 1 >>"$dir/hashes"
        near "$(reported virtual_ns)" ${time#*/}
        grep -q '"ended": "-stop-at"' "$dir/report" || fail "-stop-at ${time%/*}: $(head -n 1 "$dir/report")"
    done
    [ "$(sort -u "$dir/hashes" | wc -l)" = 1 ] || { cat "$dir/hashes"; fail "-stop-at ${time%/*}: engines differ"; }
    rm "$dir/hashes"
done
vitrine -m 16 -stop-at 2.5s -report "$dir/report"         # the built-in program halts between its clock's ticks
[ "$(reported virtual_ns)" = 2500000000 ] || fail "ended at $(reported virtual_ns) ns"

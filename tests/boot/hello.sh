#!/bin/sh
# The built-in program: memory map, keys, the drawing, power-off by a key; and the picture it leaves.
. "$(dirname "$0")/lib.sh"
vitrine -m 64 -expect 'D  a drawing' -expect '00000100000  00003F' -screendump "$dir/text.png"
[ -s "$dir/text.png" ] || fail "no picture"
vitrine -m 64 -expect 'D  a drawing' -send 'x' -expect 'x 2D'
vitrine -m 64 -expect 'D  a drawing' -send '<f1>' -expect ' 3B' -send 'd  <esc>'
# The same run twice leaves the same state.
for run in 1 2; do
    vitrine -m 64 -expect 'D  a drawing' -send 'dx' -expect 'Clock' -statehash -screenhash | tail -n 2 >"$dir/hash$run"
done
cat "$dir/hash1"
cmp "$dir/hash1" "$dir/hash2"

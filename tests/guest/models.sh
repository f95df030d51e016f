#!/bin/sh
# Every processor model, by what its manuals and those of its successors say tells them apart: two ROMs that stand in for the
# firmware, in every engine. ctest gives VITRINE, SOURCE and NASM.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
[ -n "${NASM:-}" ] || { echo "skipped: no nasm"; exit 77; }

# compare ROM MODEL COLUMN TABLE: each line of the table is a name and a value a model.
compare() {
    "$NASM" -f bin -i "$SOURCE/tests/guest/models/" "$SOURCE/tests/guest/models/$1.asm" -o "$dir/$1.bin"
    awk -v column="$3" 'NF { print $1, $column }' "$4" >"$dir/expected"
    for engine in fast slow debug step; do
        code=0
        "$VITRINE" -bios "$dir/$1.bin" -cpu "$2" -m 2 -display none -engine $engine -timeout 60 -max-insns 1M \
            -debugcon "file:$dir/out" 2>"$dir/err" || code=$?
        [ $code = 1 ] || { echo "$1, $2, $engine: exit code $code, expected 1"; cat "$dir/err" "$dir/out"; exit 1; }
        diff "$dir/expected" "$dir/out" || { echo "$1, $2, $engine: expected (<), came (>)"; exit 1; }
    done
    echo "$1: $2"
}

# E0xx: exception xx. From the documents that the ROMs name; shl_33 and the like: 8086 shift counts are not masked.
cat >"$dir/early" <<'EOF'
dx_at_reset    0000 0000 0308 0480 052C 0543 0652 06B1
flags_12_15    F000 0000 7000 7000 7000 7000 7000 7000
push_sp        FFFE 0000 0000 0000 0000 0000 0000 0000
shl_33         0000 0002 0002 0002 0002 0002 0002 0002
rcl_34         8001 0005 0005 0005 0005 0005 0005 0005
word_at_ffff   1234 E00D E00D E00D E00D E00D E00D E00D
stack_at_ffff  5678 FFFF FFFF FFFF FFFF FFFF FFFF FFFF
opcode_60      0000 0010 0010 0010 0010 0010 0010 0010
divide_frame   0002 0000 0000 0000 0000 0000 0000 0000
idiv_80        E000 0080 0080 0080 0080 0080 0080 0080
div_flags      9700 9700 9700 9700 9700 9700 0200 0200
lock_nop       0000 0000 E006 E006 E006 E006 E006 E006
sreg_4         1234 E006 0000 0000 0000 0000 0000 0000
eleven_bytes   0000 E00D 0000 0000 0000 0000 0000 0000
ip_wraps       0055 E00D E00D E00D E00D E00D E00D E00D
wrap_1m        00A5 005A 005A 005A 005A 005A 005A 005A
pop_cs         0001 E006 E006 E006 E006 E006 E006 E006
smsw           FFFF FFF0 0010 0010 0010 0010 0010 0010
escape         0000 E00D E00D E00D E00D E00D E00D E00D
loadable_msw   FFFF 5001 5001 5001 5001 5001 5001 5001
EOF
cat >"$dir/later" <<'EOF'
dx_at_reset    0308 0480 052C 0543 0652 06B1
ac_id          0000 0024 0024 0024 0024 0024
div_flags      9700 9700 9700 9700 0200 0200
wp             0000 0001 0001 0001 0001 0001
ne             0000 0020 0020 0020 0020 0020
bswap          E006 0000 0000 0000 0000 0000
cmpxchg        E006 0060 0060 0060 0060 0060
xadd           E006 0000 0000 0000 0000 0000
invd           E006 0000 0000 0000 0000 0000
cpuid          E006 0001 0001 0001 0002 0002
features       E006 0001 03BF 03BF FBFF FBFF
rdtsc          E006 E006 0000 0000 0000 0000
cmpxchg8b      E006 E006 0003 0003 0003 0003
cmov           E006 E006 E006 E006 0000 0000
mov_cr4        E006 E006 0000 0000 0000 0000
rsm            E006 E006 E006 E006 E006 E006
ud2            E006 E006 E006 E006 E006 E006
emms           E006 E006 E006 0000 0000 0000
rdpmc          E006 E006 E006 0000 0000 0000
tr3            E006 0000 E006 E006 E006 E006
tr6_tr7        A018 A018 E006 E006 E006 E006
tlb_miss       0000 0000 E006 E006 E006 E006
cache_test     E006 BEEF E006 E006 E006 E006
cache_flush    E006 0000 E006 E006 E006 E006
EOF

column=2
for model in 8086 286 386 486 pentium pentium-mmx p2 max; do
    compare early $model $column "$dir/early"
    column=$((column + 1))
done
column=2
for model in 386 486 pentium pentium-mmx p2 max; do
    compare later $model $column "$dir/later"
    column=$((column + 1))
done

#!/bin/sh
# What -log says of guest/missing.asm: everything that it asks for in vain and leaves half done, each once, with its place, in
# every engine the same; and without -log only what a person must know.
. "$(dirname "$0")/lib.sh"
command -v nasm >/dev/null || { echo "skipped: nasm is missing (Debian package nasm)"; exit 77; }
nasm -f bin -I "$SOURCE/tests/guest/" -o "$dir/floppy.img" "$SOURCE/tests/guest/missing.asm"
dd if=/dev/null of="$dir/floppy.img" bs=512 seek=2880 status=none

# run OPTION...: what is said of the guest's code (the firmware's own looks at empty ports left out).
run() {
    code=0
    vitrine -fda "$dir/floppy.img" -no-reboot -debugcon none "$@" >/dev/null 2>"$dir/err" || code=$?
    [ "$code" = 1 ] || { cat "$dir/err"; fail "exit code $code"; }
}

# says TEXT: in one line, once, with a place in the guest.
says() {
    n=$(grep -c "^unimp: $1, at 0008:0000[0-9a-f]*\$" "$dir/err") || true
    [ "$n" = 1 ] || { cat "$dir/err"; fail "$n lines, expected 1: $1"; }
}

for engine in fast slow debug step; do
    run -log unimp -engine $engine
    says 'RDMSR of 00012345, which this processor does not have: #GP'
    says 'WRMSR of [0-9a-f]* to 00012346, which this processor does not have or which does not take that: #GP'
    says 'MOV of [0-9a-f]* to CR4: this processor does not have the bits 00200000 (SMAP): #GP'
    says 'CPUID leaf 00001234, which this processor does not have (up to 2 and 80000008): as leaf 2'
    says 'port read of 1 at 1234 = ff, where nothing is'
    says 'port write of 2 at 1234 = [0-9a-f]*, where nothing is'
    says 'memory read of 4 at d0000000 = ffffffff, where nothing is'
    says 'memory write of 2 at d0000ffe = 0007, where nothing is'
    says 'pic2: initialisation unfinished, waits for ICW3 (ICW1 was 11): the mask is read'
    says 'pic2: initialisation unfinished, waits for ICW2 (ICW1 was 11): OCW2 is written'
    says 'pic2: fd taken as ICW4, whose bits 7 to 5 are 0: is it a mask, and ICW4 missing?'
    says 'pit: counter 2 has got the low byte of a count (12) and waits for the high one: it is read'
    says 'dma1: channels (bits 2) are unmasked while the chip waits for the high byte of an address or count'
    says 'com2: character 41 after a look at LSR, but DLAB is still set: it goes to the divisor'
    says 'fdc: data register read while command 03 has 1 of its 3 bytes'
    says 'i8042: command d1 waits for its data byte; command a7 comes instead'
    grep -q '^unimp: \.\.\. 9 more of these: port read of 1 at 1234' "$dir/err" || fail "no count at ten"
    grep -q '^unimp: \.\.\. 15 more of these: port read of 1 at 1234' "$dir/err" || fail "no count at the end"
    grep ', at 0008:0000' "$dir/err" >"$dir/$engine"
    cmp "$dir/fast" "$dir/$engine" || fail "-engine $engine says something else"
done
cat "$dir/fast"

run                                     # not asked for: no looks at empty places, no counts
says 'RDMSR of 00012345, which this processor does not have: #GP'
says 'pic2: initialisation unfinished, waits for ICW3 (ICW1 was 11): the mask is read'
if grep -e 'where nothing is' -e 'CPUID' -e ' more of these' "$dir/err"; then fail "said without -log"; fi

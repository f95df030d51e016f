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
    n=$(grep -c "^unimp: $1, at 0008:0000[0-9a-f]*, insn [0-9]*\$" "$dir/err") || true
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

# Software interrupts and IRQs are not named as exceptions, whatever their vector; a machine that fails again and again is told
# of once and counted.
cat >"$dir/loop.asm" <<'END'
        org 7c00h
        xor ax, ax
        mov ds, ax
        mov ss, ax
        mov sp, 7c00h
        mov word [0eh * 4], handler
        mov [0eh * 4 + 2], ax
        mov word [0dh * 4], handler
        mov [0dh * 4 + 2], ax
        int 0eh
        sti
        mov cx, 3
.tick:  hlt                             ; IRQ 0: vector 08h is also the double fault's
        loop .tick
        cli
        lidt [none]
place:  ud2
handler:
        iret
none    dw 0
        dd 0
        times 510 - ($ - $$) db 0
        dw 0aa55h
END
nasm -f bin -o "$dir/loop.img" "$dir/loop.asm"
dd if=/dev/null of="$dir/loop.img" bs=512 seek=2880 status=none
for engine in fast slow debug step; do
    fails 6 vitrine -fda "$dir/loop.img" -no-reboot -log int -engine $engine 2>"$dir/err"
    grep -q '^int: INT n 0e at 0000:' "$dir/err" || fail "no INT 0Eh"
    grep -q '^int: external 08 at 0000:' "$dir/err" || fail "no IRQ 0"
    grep -q '^int: fault 06 #UD at 0000:' "$dir/err" || fail "no #UD"
    if grep -E '^int: (INT n|external) .*(#|error|cr2)' "$dir/err"; then fail "named as an exception"; fi
done
fails 10 vitrine -fda "$dir/loop.img" -max-insns 140M 2>"$dir/err"
grep '^triple fault' "$dir/err"
[ "$(grep -c '^Registers:' "$dir/err")" = 1 ] || fail "more than one full report"
for n in 2 3 10; do
    grep -q "^triple fault again: $n so far, this one as above" "$dir/err" || fail "not counted at $n"
done
if grep 'again: 4 so far' "$dir/err"; then fail "told too often"; fi
grep -q '^triple faults in all: [1-9][0-9], of 1 kind$' "$dir/err" || fail "no total"

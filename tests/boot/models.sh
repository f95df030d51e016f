#!/bin/sh
# Each processor model boots what ran on it: the built-in program and GRUB on a 386 and a 486, memtest86+ on a 486 and a Pentium,
# Linux on a Pentium II, FreeDOS on all where it is there; and what is said of models that no firmware runs on.
. "$(dirname "$0")/lib.sh"
grub=/usr/lib/grub-rescue/grub-rescue-floppy.img
need /usr/share/bochs/BIOS-bochs-legacy bochsbios
need /usr/share/vgabios/vgabios.bin vgabios
need $grub grub-rescue-pc
need /boot/memtest86+ia32.bin memtest86+
need $installer/linux debian-installer-12-netboot-i386

for model in 386 486 pentium; do
    vitrine -cpu $model -m 64 -expect 'D  a drawing' -expect '00000100000' -send 'x' -expect 'x 2D'
    vitrine -cpu $model -m 64 -fda $grub -snapshot -expect "GNU/Linux" -send c -expect "grub>" \
        -send 'echo vit""rine $grub_cpu-$grub_platform\n' -expect 'vitrine i386-pc'
done
for model in 486 pentium; do
    vitrine -cpu $model -m 8 /boot/memtest86+ia32.bin -expect 'Test #1' -expect 'Errors: 0'
done
vitrine -cpu p2 -m 256 -kernel $installer/linux -append 'console=ttyS0' -serial "file:$dir/serial" -no-reboot \
    -expect 'VFS: Unable to mount root' || { tail -c 1000 "$dir/serial"; exit 1; }
grep -q 'Intel.*family: 0x6, model: 0x5' "$dir/serial" || fail "Linux names another processor: $(grep -a CPU0 "$dir/serial")"

for image in "$guests"/freedos-1440K.img "$guests"/freedos-360K.img; do
    for model in 386 486 pentium pentium-mmx p2; do
        [ -e "$image" ] || continue
        vitrine -cpu $model -m 16 -fda "$image" -snapshot -expect 'A:\>' -send 'ver\n' -expect 'FreeCom version'
    done
done

for model in 8086 286; do
    fails 2 vitrine -cpu $model 2>"$dir/said"
    grep -q -- "-cpu $model: expected -bios FILE" "$dir/said" || fail "-cpu $model: $(cat "$dir/said")"
done

#!/bin/sh
# The Debian 12 installer's kernel from a CD, through GRUB and El Torito, to a shell on the serial line; poweroff ends the run.
. "$(dirname "$0")/lib.sh"
need $installer/linux debian-installer-12-netboot-i386
need /usr/bin/grub-mkrescue grub-common
need /usr/lib/grub/i386-pc/cdboot.img grub-pc-bin
need /usr/bin/xorriso xorriso
mkdir -p "$dir/iso/boot/grub"
cp $installer/linux $installer/initrd.gz "$dir/iso/boot/"
cat >"$dir/iso/boot/grub/grub.cfg" <<'G'
set timeout=0
menuentry shell { linux /boot/linux console=ttyS0,115200 quiet rdinit=/bin/sh; initrd /boot/initrd.gz; }
G
grub-mkrescue -o "$dir/cd.iso" "$dir/iso" >"$dir/mkrescue" 2>&1 || { cat "$dir/mkrescue"; exit 1; }
LIMIT=900 vitrine "$dir/cd.iso" -serial "file:$dir/serial" -expect '# ' -send 'echo OK$((6*7)); uname -m\n' -expect 'OK42' \
    -expect 'i686' -expect '# ' -send 'poweroff -f\n' || { tail -n 20 "$dir/serial"; exit 1; }
grep -q 'Power down' "$dir/serial"

#!/bin/sh
# IDE at hand-over, by what is plugged in: timing registers for the drives that are there, "can do DMA" in the bus master.
. "$(dirname "$0")/lib.sh"
command -v nasm >/dev/null || { echo "skipped: nasm is missing (Debian package nasm)"; exit 77; }
nasm -f bin -o "$dir/floppy.img" "$SOURCE/tests/guest/handover.asm"
dd if=/dev/null of="$dir/floppy.img" bs=512 seek=2880 status=none
dd if=/dev/null of="$dir/disk.img" bs=1M seek=10 status=none
dd if=/dev/null of="$dir/cd.iso" bs=1M seek=2 status=none

# finds LINE OPTION...: the guest says so with these drives.
finds() {
    line=$1
    shift
    code=0
    vitrine -fda "$dir/floppy.img" -boot a -no-reboot -debugcon "file:$dir/said" "$@" || code=$?
    [ "$code" = 1 ] || { grep -a '^handover' "$dir/said"; fail "exit code $code"; }
    grep -aE "^handover-ide: $line\$" "$dir/said" || { grep -a '^handover-ide' "$dir/said"; fail "expected $line"; }
}

# An empty CD drive may be there anyway.
finds '8000 (8000 0000|A303 0020)'
finds 'A307 (8000 2000|A303 2020)' -hda "$dir/disk.img"
finds 'A377 A303 6020' -hda "$dir/disk.img" -hdb "$dir/disk.img" -snapshot -cdrom "$dir/cd.iso"

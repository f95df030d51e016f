#!/bin/sh
# The first 200 million instructions of each boot leave the same state in every engine: prefix.sh [MILLIONS].
. "$(dirname "$0")/lib.sh"
millions=${1:-200}
tried=0

# same NAME OPTION...: run in each engine and compare the state hashes.
same() {
    name=$1
    shift
    tried=$((tried + 1))
    for engine in fast slow debug; do
        vitrine "$@" -engine $engine -max-insns ${millions}M -statehash >"$dir/$engine" 2>"$dir/error" && code=0 || code=$?
        [ $code = 10 ] || { cat "$dir/error"; fail "$name: exit code $code in the $engine engine"; }
        grep '^state hash' "$dir/$engine" >"$dir/$engine.hash"
        cmp "$dir/fast.hash" "$dir/$engine.hash" || { cat "$dir/fast.hash" "$dir/$engine.hash"; fail "$name: fast and $engine differ"; }
    done
    echo "$name: $(cat "$dir/fast.hash")"
}

head -c 1474560 /dev/zero >"$dir/empty.img"
same firmware -fda "$dir/empty.img"
same hello -m 64 -expect 'D  a drawing' -send d -expect never
rescue=/usr/lib/grub-rescue
[ -e $rescue/grub-rescue-floppy.img ] && same grub-floppy $rescue/grub-rescue-floppy.img -snapshot
[ -e $rescue/grub-rescue-cdrom.iso ] && same grub-cd $rescue/grub-rescue-cdrom.iso
[ -e /boot/memtest86+ia32.bin ] && same memtest /boot/memtest86+ia32.bin -m 16
[ -e "$guests/freedos-1440K.img" ] && same freedos "$guests/freedos-1440K.img" -snapshot -expect 'A:\>' -send 'dir\n' -expect never
[ -e $installer/linux ] && same debian -kernel $installer/linux -initrd $installer/initrd.gz -append 'console=ttyS0 rdinit=/bin/sh'
echo "$tried boots"

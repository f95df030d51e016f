#!/bin/sh
# FreeDOS with a FAT disk: copies files to it and reads one of the host's; the host reads them back.
. "$(dirname "$0")/lib.sh"
need "$guests/freedos-1440K.img" "none; set VITRINE_GUESTS to a folder that has it"
need /usr/bin/mformat mtools
PATH=$PATH:/sbin:/usr/sbin
need /sbin/sfdisk fdisk
truncate -s $((65 * 16 * 63 * 512)) "$dir/disk.img"
printf 'label: dos\nstart=63, type=6, bootable\n' | sfdisk -q "$dir/disk.img"
fat=$dir/disk.img@@$((63 * 512))
mformat -i "$fat" -T $((65 * 16 * 63 - 63)) -h 16 -s 63 -H 63
printf 'the host wrote this\r\n' >"$dir/host.txt"
mcopy -i "$fat" "$dir/host.txt" ::
cp "$guests/freedos-1440K.img" "$dir/dos.img"
# DOS waits for keys without HLT: each one costs host time.
LIMIT=400 vitrine "$dir/dos.img" -hda "$dir/disk.img" -expect 'A:\>' -send 'c:\n' -expect 'C:\>' -send 'type host.txt\n' \
    -expect 'the host wrote this' -send 'copy a:\\kernel.sys c:\\k.sys\n' -expect '=> c:\k.sys' -send 'cls\n' -send 'md sub\n' \
    -send 'copy a:\\kernel.sys c:\\sub\n' -expect '=> c:\sub' -send 'cls\n' -send 'dir c:\\sub\n' -expect 'bytes free'
mcopy -n -i "$fat" ::k.sys "$dir/k1"
mcopy -n -i "$fat" ::sub/kernel.sys "$dir/k2"
mcopy -n -i "$dir/dos.img" ::kernel.sys "$dir/k0"
cmp "$dir/k0" "$dir/k1"
cmp "$dir/k0" "$dir/k2"

#!/bin/sh
# FreeDOS with a FAT disk: copies files to it and reads one of the host's; the host reads them back.
. "$(dirname "$0")/lib.sh"
need "$guests/freedos-1440K.img" "none; set VITRINE_GUESTS to a folder that has it"
need /usr/bin/mformat mtools
truncate -s 32M "$dir/disk.img"
mpartition -I -i "$dir/disk.img" 2>/dev/null || true
export MTOOLSRC="$dir/mtoolsrc"
echo "drive n: file=\"$dir/disk.img\" partition=1 cylinders=65 heads=16 sectors=63 mformat_only" >"$MTOOLSRC"
mpartition -I n: && mpartition -c -t 65 -h 16 -s 63 -b 63 n:
mformat n:
printf 'the host wrote this\r\n' >"$dir/host.txt"
mcopy "$dir/host.txt" n:
cp "$guests/freedos-1440K.img" "$dir/dos.img"
vitrine "$dir/dos.img" -hda "$dir/disk.img" -expect 'A:\>' -send 'c:\n' -expect 'C:\>' -send 'type host.txt\n' \
    -expect 'the host wrote this' -send 'copy a:\\kernel.sys c:\\k.sys\n' -expect '1 file' -send 'cls\n' -send 'md sub\n' \
    -send 'copy a:\\kernel.sys c:\\sub\n' -expect '1 file'
mcopy -n n:k.sys "$dir/k1"
mcopy -n n:sub/kernel.sys "$dir/k2"
mcopy -n -i "$dir/dos.img" ::kernel.sys "$dir/k0"
cmp "$dir/k0" "$dir/k1"
cmp "$dir/k0" "$dir/k2"

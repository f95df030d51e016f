#!/bin/sh
# Every drive at once: the firmware finds each, and has room for what it keeps of them beside the tables that the board gives it.
. "$(dirname "$0")/lib.sh"
for name in a b; do head -c 1474560 /dev/zero >"$dir/$name"; done
for name in 0 1 2; do head -c 16777216 /dev/zero >"$dir/$name"; done
{ head -c 32768 /dev/zero; printf '\001CD001\001'; head -c 100345 /dev/zero; } >"$dir/cd"
vitrine -fda "$dir/a" -fdb "$dir/b" -hda "$dir/0" -hdb "$dir/1" -hdd "$dir/2" -cdrom "$dir/cd" -log firmware \
    -expect 'No bootable device' 2>"$dir/log"
for drive in 'drive 0x' 'ata0-0: Vitrine disk' 'ata0-1: Vitrine disk' 'ata1-0: Vitrine CD' 'ata1-1: Vitrine disk'; do
    grep -q "$drive" "$dir/log" || fail "not found: $drive"
done
! grep 'Unable to allocate' "$dir/log" || fail "the firmware has no room"

#!/bin/sh
# The firmware alone: an empty floppy is no system, and the firmware says so. Exit codes of the ends of a run.
. "$(dirname "$0")/lib.sh"
head -c 1474560 /dev/zero >"$dir/empty.img"
vitrine -fda "$dir/empty.img" -expect 'No bootable device'
fails 12 vitrine -fda "$dir/empty.img" -max-insns 1G -no-reboot -expect 'No bootable device' -send '<ctrl-alt-del>' -expect never
fails 10 vitrine -fda "$dir/empty.img" -max-insns 1000000
fails 8 env LIMIT=1 sh -c '. "$0"; vitrine -fda "$1"' "$SOURCE/tests/boot/lib.sh" "$dir/empty.img"
fails 2 vitrine -m none
fails 2 vitrine "$dir/absent.img"
fails 2 vitrine -fda "$dir/empty.img" -send '<enter' -cpu none

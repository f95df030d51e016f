#!/bin/sh
# memtest86+ through its first tests without an error. A whole pass: memtest.sh all (some minutes).
. "$(dirname "$0")/lib.sh"
need /boot/memtest86+ia32.bin memtest86+
if [ "${1:-}" = all ]; then
    LIMIT=7200 vitrine /boot/memtest86+ia32.bin -m 8 -expect 'Pass:  1' -expect 'Errors: 0'
else
    vitrine /boot/memtest86+ia32.bin -m 8 -expect 'Test #3' -expect 'Errors: 0'
fi

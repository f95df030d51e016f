#!/bin/sh
# memtest86+ from its CD, by GRUB, to its first tests.
. "$(dirname "$0")/lib.sh"
need /usr/lib/memtest86+/memtest86+ia32.iso memtest86+
vitrine /usr/lib/memtest86+/memtest86+ia32.iso -m 32 -expect 'Memtest86' -expect 'Test #3' -expect 'Errors: 0'

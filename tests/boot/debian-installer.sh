#!/bin/sh
# The Debian 12 installer to its first screen, the choice of a language, on the serial line.
. "$(dirname "$0")/lib.sh"
need $installer/linux debian-installer-12-netboot-i386
LIMIT=900 vitrine -kernel $installer/linux -initrd $installer/initrd.gz -append 'console=ttyS0' \
    -serial "file:$dir/serial" -expect 'Select a language' || { tail -c 1000 "$dir/serial"; exit 1; }

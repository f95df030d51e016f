#!/bin/sh
# The Debian 12 installer's kernel and initial RAM disk by -kernel, to a shell on the serial line; poweroff ends the run.
. "$(dirname "$0")/lib.sh"
need $installer/linux debian-installer-12-netboot-i386
LIMIT=900 vitrine -kernel $installer/linux -initrd $installer/initrd.gz -append 'console=ttyS0 rdinit=/bin/sh' \
    -serial "file:$dir/serial" -expect '# ' -send 'echo OK$((6*7)); uname -m\n' -expect 'OK42' -expect 'i686' \
    -expect '# ' -send 'poweroff -f\n' || { tail -n 20 "$dir/serial"; exit 1; }
grep -q 'Power down' "$dir/serial"

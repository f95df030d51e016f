#!/bin/sh
# GRUB's rescue floppy to its prompt.
. "$(dirname "$0")/lib.sh"
need /usr/lib/grub-rescue/grub-rescue-floppy.img grub-rescue-pc
vitrine -fda /usr/lib/grub-rescue/grub-rescue-floppy.img -snapshot -expect "GNU/Linux" -send c -expect "grub>" \
    -send 'echo vit""rine $grub_cpu-$grub_platform\n' -expect 'vitrine i386-pc'

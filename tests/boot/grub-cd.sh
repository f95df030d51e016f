#!/bin/sh
# GRUB's rescue CD to its prompt, and a file read from it.
. "$(dirname "$0")/lib.sh"
need /usr/lib/grub-rescue/grub-rescue-cdrom.iso grub-rescue-pc
vitrine /usr/lib/grub-rescue/grub-rescue-cdrom.iso -expect 'GNU/Linux' -send 'c' -expect 'grub>' \
    -send 'ls (cd)/\n' -expect 'boot/'

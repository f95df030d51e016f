#!/bin/sh
# FreeDOS to its prompt; a directory, a file written and read back, in the guest and from the host.
. "$(dirname "$0")/lib.sh"
need "$guests/freedos-1440K.img" "none; set VITRINE_GUESTS to a folder that has it"
cp "$guests/freedos-1440K.img" "$dir/dos.img"
vitrine "$dir/dos.img" -expect 'A:\>' -send 'dir\n' -expect 'KERNEL   SYS' \
    -send 'echo written by the guest> out.txt\n' -send 'cls\n' -send 'type out.txt\n' -expect 'written by the guest' \
    -send 'cls\n' -send 'dir out.txt\n' -expect '1 file(s)'
if command -v mtype >/dev/null; then
    [ "$(mtype -t -i "$dir/dos.img" ::out.txt | tr -d '\r')" = 'written by the guest' ] || fail "the host reads another text"
fi

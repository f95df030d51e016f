#!/bin/sh
# A run ends when it is told to, whatever the guest and the readers of its output do: signals, the debugger's Ctrl-C, a window that is
# closed twice; and output that nobody reads stops nothing. The cases are in ./respond.
. "$(dirname "$0")/lib.sh"
for tool in nasm:nasm python3:python3; do
    command -v "${tool%:*}" >/dev/null || { echo "skipped: ${tool%:*} is missing (Debian package ${tool#*:})"; exit 77; }
done
here=$(cd "$(dirname "$0")" && pwd)
tests=$(dirname "$here")
nasm -f bin -I "$tests/guest/" -I "$tests/hostile/" -o "$dir/ud.img" "$tests/hostile/ud.asm"
nasm -f bin -o "$dir/triple.img" "$tests/hostile/triple.asm"
nasm -f bin -o "$dir/flood.img" "$here/flood.asm"
nasm -f bin -DLIMIT=300000 -o "$dir/letters.img" "$here/flood.asm"
truncate -s 1474560 "$dir/ud.img" "$dir/triple.img" "$dir/flood.img" "$dir/letters.img"
cd "$dir"
exec python3 "$here/respond" "$VITRINE" "$here/close-window"

#!/bin/sh
# The zoo on the few free images that Debian packages bring and on boot sectors of our own: each is told right, its text is read
# from the screen, a second run takes what is there, and the contact sheet is a PNG.
. "$(dirname "$0")/../boot/lib.sh"
for tool in python3 nasm; do
    command -v $tool >/dev/null || { echo "skipped: $tool is missing (Debian package $tool)"; exit 77; }
done
mkdir -p "$dir/images/deeper"
for pair in /usr/lib/grub-rescue/grub-rescue-floppy.img:floppy.img /usr/lib/grub-rescue/grub-rescue-cdrom.iso:cd.iso \
    /boot/memtest86+ia32.bin:memtest.bin; do
    [ ! -e "${pair%:*}" ] || ln -s "${pair%:*}" "$dir/images/${pair#*:}"
done
nasm -f bin "$SOURCE/tests/boot/typed.asm" -o "$dir/images/deeper/typed.img"
# One that ends in a triple fault: an interrupt table without entries, then an interrupt.
printf 'bits 16\norg 7c00h\nlidt [cs:none]\nmov ax, 3\nint 3\nnone: dw 0, 0, 0\ntimes 510-($-$$) db 0\ndw 0aa55h\n' >"$dir/triple.asm"
nasm -f bin "$dir/triple.asm" -o "$dir/images/triple.img"
# One that ends by itself, and one that shows a picture.
printf 'bits 16\norg 7c00h\nmov al, 21\nout 0f4h, al\nhlt\ntimes 510-($-$$) db 0\ndw 0aa55h\n' >"$dir/exit.asm"
nasm -f bin "$dir/exit.asm" -o "$dir/images/exit.img"
printf 'bits 16\norg 7c00h\nmov ax, 13h\nint 10h\nmov ax, 0a000h\nmov es, ax\nxor di, di\nl: mov ax, di\nshr ax, 4\nstosb\njmp l\ntimes 510-($-$$) db 0\ndw 0aa55h\n' \
    >"$dir/picture.asm"
nasm -f bin "$dir/picture.asm" -o "$dir/images/picture.img"
echo 'no image' >"$dir/images/nothing.img"
echo 'left out' >"$dir/images/README.txt"
: >"$dir/images/packed.zip"
echo x >>"$dir/images/packed.zip"

zoo() { "$SOURCE/tests/zoo/zoo" "$dir/images" --vitrine "$VITRINE" --qemu none --out "$dir/out" --seconds 6 --jobs 2 "$@"; }
zoo | tee "$dir/said"

# is NAME TEXT...: its line holds each of these.
is() {
    name=$1
    shift
    [ -e "$dir/images/$name" ] || { echo "not here: $name"; return 0; }
    for text; do
        grep "^$name " "$dir/said" | grep -qF -e "$text" || fail "$name: no '$text'"
    done
}
is floppy.img floppy ' runs ' 'exit 0, 6 s' 720x400 'automatically in'
is cd.iso cd ' runs ' 'automatically in'
is memtest.bin kernel ' runs ' 720x400
is deeper/typed.img floppy ' runs ' '"type"'
is triple.img 'triple fault' '; triple '
is exit.img 'debug exit' 'exit 43'
is picture.img ' runs ' 320x200
is nothing.img ' refused ' 'exit 2' 'vitrine: '
grep -q '^1 packed files were left out' "$dir/said" || fail "packed files are not told"
grep -q 'README' "$dir/said" && fail "a text was taken for an image"
head -c 8 "$dir/out/sheet-1.png" | od -An -c | grep -q 'P   N   G' || fail "no contact sheet"
[ "$(wc -l <"$dir/out/results.tsv")" = $(($(grep -c ' exit ' "$dir/said") + 1)) ] || fail "results.tsv"

began=$(ls -l --time-style=full-iso "$dir/out/runs" | cksum)
zoo >"$dir/again"
[ "$(grep -c 'from before' "$dir/again")" = "$(grep -c ' exit ' "$dir/said")" ] || fail "not resumed"
[ "$began" = "$(ls -l --time-style=full-iso "$dir/out/runs" | cksum)" ] || fail "the second run wrote something"
fails 2 "$SOURCE/tests/zoo/zoo" "$dir/images" --vitrine "$dir/none"
fails 1 "$SOURCE/tests/zoo/zoo" "$dir/absent" --vitrine "$VITRINE"

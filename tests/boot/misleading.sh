#!/bin/sh
# A guest may write onto its disk what looks like another format, a CD or a kernel. That is said at the end of the run; the drive's
# option refuses the file then and names format=raw, which takes it as it is.
. "$(dirname "$0")/lib.sh"
command -v nasm >/dev/null || { echo "skipped: nasm is missing (Debian package nasm)"; exit 77; }

# writes MAGIC OPTION...: the guest writes it at the beginning of its first disk, and every 32 KB.
writes() {
    nasm -f bin -D SECTORS=128 -D "MAGIC=$1" -o "$dir/store.img" "$SOURCE/tests/boot/store.asm"
    shift
    rm -f "$dir/disk.img"
    truncate -s 4M "$dir/disk.img"
    code=0
    vitrine -m 16 -fda "$dir/store.img" -boot a "$@" -debugcon "file:$dir/told" 2>"$dir/said" || code=$?
    cat "$dir/said"
    [ "$code" = 1 ] && grep -q '^stored' "$dir/told" || fail "exit code $code"
}
says() { grep -qF -e "$1" "$dir/said" || fail "no '$1'"; }
says_not() { ! grep -qF -e "$1" "$dir/said" || fail "'$1' is said"; }

writes "'QFI',0fbh" -hda "$dir/disk.img"
says "looks like a qcow2 image now; from now on give it as -hda $dir/disk.img,format=raw"
before=$(cksum <"$dir/disk.img")
for how in "-hda $dir/disk.img" "$dir/disk.img"; do
    fails 2 vitrine -m 16 -max-insns 1000 $how 2>"$dir/said"
    says "a qcow2 image"
    says "$dir/disk.img,format=raw"
done
fails 10 vitrine -m 16 -max-insns 1000 -hda "$dir/disk.img,format=raw" 2>"$dir/said"
says_not "looks like"                           # it did before
[ "$before" = "$(cksum <"$dir/disk.img")" ] || fail "the image has changed"

writes "1,'CD001',1" "$dir/disk.img"
says "it was taken as a disk, and by what the guest wrote there it looks like a CD now; from now on give it as -hda"
writes "1,'CD001',1" -hda "$dir/disk.img"       # its option says what it is
says_not "looks like"
writes "127,'ELF'" -hda "$dir/disk.img"
says "looks like an ELF file"
writes "'QFI',0fbh" -hda "$dir/disk.img" -snapshot
says_not "looks like"                           # nothing was kept
writes "'plain'" "$dir/disk.img"
says_not "looks like"
echo "told what disks look like"

#!/bin/sh
# Media as people have them: images of no standard size, dense formats, tiny disks, geometries that the image or the user tells,
# boot sectors without 55 AA. What INT 13h makes of each is printed by a boot sector (media.asm) on the debug console.
. "$(dirname "$0")/lib.sh"
command -v nasm >/dev/null || { echo "skipped: nasm is missing (Debian package nasm)"; exit 77; }

# image NAME SECTORS OPTION...
image() {
    name=$1 sectors=$2
    shift 2
    nasm -f bin -D SECTORS="$sectors" "$@" -o "$dir/$name" "$SOURCE/tests/boot/media.asm"
}

# says GEOMETRY RESULT OPTION...: what the guest prints, in every engine of $engines.
says() {
    geometry=$1 result=$2
    shift 2
    for engine in ${engines:-fast}; do
        code=0
        vitrine -engine "$engine" -m 16 -debugcon "file:$dir/log" "$@" || code=$?
        [ "$code" = 1 ] || fail "exit code $code, not 1: $*"
        LC_ALL=C grep -aq "^geometry $geometry\$" "$dir/log" || { tail -n 5 "$dir/log"; fail "no 'geometry $geometry': $*"; }
        LC_ALL=C grep -aq "^read $result\$" "$dir/log" || { tail -n 5 "$dir/log"; fail "no 'read $result': $*"; }
    done
}
all="fast slow debug step"

# `cat boot.bin kernel.bin` is meant as a 1.44M floppy; and what the guest writes behind the file's end is kept.
image small.img 20 -D CHS_CX=000ah -D CHS_DX=0000h
engines=$all says 4f1201 'AH=00 0009' "$dir/small.img"
says 4f1201 'AH=00 0009' "$dir/small.img" -drives real
image grow.img 20 -D CHS_CX=0105h -D CHS_DX=0000h -D WRITE
says 4f1201 'AH=00 wrwr' "$dir/grow.img"
[ "$(wc -c <"$dir/grow.img")" = $((41 * 512)) ] || fail "the file did not grow to its last written sector"
[ "$(tail -c 512 "$dir/grow.img" | head -c 4)" = wrwr ] || fail "what was written is not there"

# INT 13h past a track's end goes on at the other side; past the cylinder's end it fails.
image over.img 40 -D CHS_CX=0002h -D CHS_DX=0000h -D COUNT=20
engines=$all says 4f1201 'AH=00 0020' -fda "$dir/over.img"
image under.img 60 -D CHS_CX=0010h -D CHS_DX=0100h -D COUNT=4
says 4f1201 'AH=20 ' -fda "$dir/under.img"

# 21 sectors a track, told by the size or by the BPB. INT 13h lets no 1.44M drive have them: it is a 2.88M drive.
image dmf.img 120 -D CHS_CX=0115h -D CHS_DX=0100h
truncate -s 1680K "$dir/dmf.img"
says 4f2401 'AH=00 0083' "$dir/dmf.img"
image bpb.img 120 -D CHS_CX=0115h -D CHS_DX=0100h -D BPB
says 4f2401 'AH=00 0083' "$dir/bpb.img"

# Disks of less than a cylinder of 16 heads, and of one sector. (SeaBIOS keeps a disk's last cylinder to itself in AH=08h.)
image tiny.img 128 -D CHS_CX=0001h -D CHS_DX=0100h
engines=$all says '..[3-9a-f]f01' 'AH=00 0063' -hda "$dir/tiny.img"
image one.img 1 -D CHS_CX=0001h -D CHS_DX=0000h -D COUNT=1
says '....00' 'AH=00 .*' -hda "$dir/one.img"

# Geometry: by the partition table, by name, and with more heads than a drive can have.
image parted.img 1360 -D CHS_CX=0111h -D CHS_DX=0100h -D PARTITION
says 121103 'AH=00 0101' "$dir/parted.img"
says 121103 'AH=00 0101' -hda "$dir/parted.img"
image named.img 1360 -D CHS_CX=0111h -D CHS_DX=0100h
says 121103 'AH=00 0101' -hda "$dir/named.img,chs=20/4/17"
image heads.img 900 -D CHS_CX=0001h -D CHS_DX=0500h
truncate -s $((255 * 63 * 512 * 3)) "$dir/heads.img"
says 013ffe 'AH=00 0315' -hda "$dir/heads.img,chs=3/255/63"

# A boot sector that does not end in 55 AA.
image unsigned.img 20 -D UNSIGNED -D CHS_CX=0003h -D CHS_DX=0000h
says 4f1201 'AH=00 0002' -fda "$dir/unsigned.img" -boot a,unsigned
vitrine -fda "$dir/unsigned.img" -expect 'not a bootable disk'

# Nothing to boot from ends in a state that lasts: the firmware's own retry would reset the machine after a minute.
head -c 1474560 /dev/zero >"$dir/empty.img"
# (A halted minute takes few instructions.)
fails 10 vitrine -fda "$dir/empty.img" -log firmware -no-reboot -expect 'No bootable device.' -expect never -max-insns 15M 2>"$dir/log"
grep -q '^firmware: No bootable device' "$dir/log" || fail "no log of the firmware"
grep -q 'Retrying' "$dir/log" && fail "the firmware tries again"

# Refusals name the option, what was seen, format=raw and the command that helps.
printf 'QFI\373' >"$dir/x.qcow2"
truncate -s 1M "$dir/x.qcow2"
for how in "-hda $dir/x.qcow2" "-fda $dir/x.qcow2" "-cdrom $dir/x.qcow2" "$dir/x.qcow2"; do
    fails 2 vitrine $how 2>"$dir/said"
    cat "$dir/said"
    grep -q "qemu-img convert -O raw" "$dir/said" || fail "no command"
    grep -q "x.qcow2,format=raw" "$dir/said" || fail "no format=raw"
done
before=$(cksum <"$dir/x.qcow2")
vitrine -hda "$dir/x.qcow2,format=raw" -fda "$dir/empty.img" -boot c -expect 'not a bootable disk'
[ "$before" = "$(cksum <"$dir/x.qcow2")" ] || fail "it was written"
fails 2 vitrine -hda "$dir/tiny.img,chs=100/16/63"
fails 2 vitrine -cdrom "$dir/tiny.img,chs=1/1/1"
echo "all media as they are meant"

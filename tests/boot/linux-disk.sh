#!/bin/sh
# Linux partitions a disk, formats, fills and reads it back, by DMA and by programmed I/O; the host checks what it left.
# With -snapshot the image stays as it is.
. "$(dirname "$0")/lib.sh"
. "$SOURCE/tests/boot/linux-lib"
modules=ata_piix,sd_mod,crc32c_generic,ext4,vfat,nls_cp437,nls_ascii
cat >"$dir/disk-job" <<'EOJ'
echo "mode $(cat /sys/class/ata_device/dev1.0/xfer_mode)"
printf 'label: dos\n,32M,83\n,,6\n' | sfdisk -q /dev/sda || exit 1
mke2fs -q -F /dev/sda1 && mkfs.fat /dev/sda2 >/dev/null 2>&1 || exit 2
mkdir -p /mnt/a /mnt/b
mounts() { mount /dev/sda1 /mnt/a && mount -t vfat /dev/sda2 /mnt/b; }
mounts || exit 3
for n in 1 2 3 4; do cp /bin/busybox /mnt/a/f$n && cp /bin/busybox /mnt/b/f$n || exit 4; done
umount /mnt/a /mnt/b
echo 3 >/proc/sys/vm/drop_caches
mounts || exit 5
for n in 1 2 3 4; do cmp /bin/busybox /mnt/a/f$n && cmp /bin/busybox /mnt/b/f$n || exit 6; done
umount /mnt/a /mnt/b
! dmesg | grep -i -E 'lost interrupt|exception Emask|failed command|I/O error' || exit 7
EOJ
truncate -s 64M "$dir/disk.img"
cp "$dir/disk.img" "$dir/blank.img"

linux_job $modules -hda "$dir/disk.img" -snapshot <"$dir/disk-job"
linux_said 'mode XFER_MW_DMA_2'
linux_said 'job ends: good'
cmp "$dir/disk.img" "$dir/blank.img" || fail "-snapshot wrote to the image"

WORDS=libata.force=pio4
linux_job $modules -hda "$dir/disk.img" <"$dir/disk-job"
linux_said 'mode XFER_PIO_4'
linux_said 'job ends: good'
PATH=$PATH:/sbin:/usr/sbin
if command -v sfdisk >/dev/null; then
    sfdisk -d "$dir/disk.img" | grep -q 'start= *2048, size= *65536, type=83' || fail "the host sees other partitions"
fi
if command -v fsck.ext2 >/dev/null; then
    dd if="$dir/disk.img" of="$dir/ext2.img" bs=1M skip=1 count=32 2>/dev/null
    fsck.ext2 -fn "$dir/ext2.img" || fail "the ext2 file system is damaged"
fi
if command -v mcopy >/dev/null; then
    for n in 1 2 3 4; do
        mcopy -i "$dir/disk.img@@33M" ::f$n "$dir/f$n"
        cmp "$dir/f$n" "$dir/f1"
    done
fi

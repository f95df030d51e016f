#!/bin/sh
# Linux finds the devices of the board, switches to the linear frame buffer, tells the time, sends on COM2, and finds
# nothing to complain about; poweroff, halt and reboot end a run as they should.
. "$(dirname "$0")/lib.sh"
. "$SOURCE/tests/boot/linux-lib"
linux_job ata_piix,sr_mod,psmouse,evdev,floppy,button,bochs -rtc 2001-02-03T04:05:06 -cdrom "$linux/initrd,format=raw" \
    -serial "file:$dir/com2" <<'EOJ'
sleep 3
cat /proc/fb /proc/bus/input/devices /proc/interrupts
cat /sys/class/graphics/fb0/virtual_size
hwclock -r
echo over the second line >/dev/ttyS1
head -c 1000000 /dev/sr0 | cmp - /bin/busybox
dmesg | grep -E 'WARNING|Oops:|BUG:|lost|unexpected|spurious|stuck|nobody cared|timed out' && exit 1
dmesg | grep -E 'sda|sr0|fd0|FDC|drm'
true
EOJ
for text in 'bochs-drm' '1280,800' 'AT Translated Set 2 keyboard' 'Generic.* Wheel Mouse\|Generic Explorer Mouse' \
            'Power Button' 'Sat Feb  3 04:05:' 'fd0 is 1.44M' 'job ends: good'; do
    linux_said "$text"
done
grep -q 'over the second line' "$dir/com2" || fail "nothing came over COM2"

halts() { ( linux_job "$@" ); }
fails 6 halts button -no-reboot <<'EOJ'
halt -f
EOJ
linux_job button -no-reboot <<'EOJ'
reboot -f
EOJ
linux_said 'Restarting system'
linux_job button -expect 'Restarting system' -expect 'SeaBIOS' <<'EOJ'
reboot -f
EOJ

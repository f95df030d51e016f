#!/bin/sh
# Linux with each way to its interrupts: the I/O APIC by ACPI and by the MP table, the 8259A alone with and without a local APIC, and
# two kinds of APIC. It finds nothing to complain about; disk, clock and timer work.
. "$(dirname "$0")/lib.sh"
. "$SOURCE/tests/boot/linux-lib"

dd if=/dev/urandom of="$dir/disk" bs=1M count=4 status=none
sum=$(md5sum <"$dir/disk" | cut -c1-32)

# boots NAME WORDS EXPECTED OPTION...: with these kernel words each line of EXPECTED is among what /proc/interrupts, the log and the
# names of timer and clock say (lines end with CR). What Linux always says here has nothing to do with interrupts.
boots() {
    name=$1 WORDS=$2 expected=$3
    shift 3
    linux_job ata_piix,sd_mod,button "$@" -hda "$dir/disk" -expect 'job ends' <<'EOJ'
head -c 4194304 /dev/sda | md5sum
sleep 1
cat /proc/interrupts
cat /sys/devices/system/clockevents/clockevent0/current_device
cat /sys/devices/system/clocksource/clocksource0/current_clocksource
dmesg | grep -E 'IOAPIC|MP-table|hpet0|compatibility mode|SMP configuration'
dmesg -r | grep -E '^<[0-4]>' | grep -vE 'Fast TSC|PnPBIOS|L1TF|MDS|MMIO Stale|MMCONFIG|setting ELCR|PMU driver' && exit 1
true
EOJ
    linux_said 'job ends: good'
    linux_said "$sum"
    echo "$expected" | while read -r line; do linux_said "$line" || exit 1; done || exit 1
    echo "$name: good"
}

boots acpi '' 'Using ACPI (MADT) for SMP configuration
Using IOAPIC for interrupt routing
IO-APIC  *2-edge  *timer
IO-APIC  *14-edge  *ata_piix
IO-APIC  *9-fasteoi  *acpi
lapic-deadline
hpet0: at MMIO 0xfed00000, IRQs 2, 8, 0'
boots mptable 'acpi=off' 'found SMP MP-table
Virtual Wire compatibility mode
IO-APIC  *14-edge  *ata_piix
lapic.$' -cpu p2
boots pic 'noapic' 'XT-PIC  *ata_piix
lapic-deadline'
boots none 'nolapic' 'XT-PIC  *ata_piix
hpet.$'

#!/bin/sh
# Linux with every way to its interrupts: I/O APIC by ACPI, by the MP table, none, no local APIC either; the timers of each; and the
# processors with their kinds of APIC. It finds nothing to complain about, and disk, keyboard controller, clock and timer work.
. "$(dirname "$0")/lib.sh"
. "$SOURCE/tests/boot/linux-lib"

# boots NAME WORDS EXPECTED OPTION...: with these kernel words /proc/interrupts and the log have each line of EXPECTED.
boots() {
    name=$1 WORDS=$2 expected=$3
    shift 3
    echo "== $name: $WORDS $*"
    linux_job ata_piix,sd_mod,button "$@" -hda "$dir/disk" <<'EOJ'
head -c 4194304 /dev/sda | md5sum
sleep 1
cat /proc/interrupts
cat /sys/devices/system/clockevents/clockevent0/current_device
dmesg | grep -iE 'APIC|MP-table|HPET|routing|MultiProcessor'
dmesg | grep -E 'WARNING|Oops:|BUG|[Bb]ug:|lost|unexpected|spurious|stuck|nobody cared|timed out|not connected|already used' && exit 1
dmesg -r 2>/dev/null | grep -E '^<[0-3]>' | grep -vE 'Fast TSC|PnPBIOS|acpi=off|Unable to reserve' && exit 1
true
EOJ
    linux_said 'job ends: good'
    linux_said "$sum"
    echo "$expected" | while read -r line; do
        [ -z "$line" ] || linux_said "$line" || exit 1
    done || exit 1
}

dd if=/dev/urandom of="$dir/disk" bs=1M count=4 status=none
sum=$(md5sum <"$dir/disk" | cut -c1-32)

boots acpi '' 'Using ACPI (MADT) for SMP configuration
Using IOAPIC for interrupt routing
IO-APIC  *14-edge .*ata_piix
IO-APIC  *9-fasteoi .*acpi
lapic-deadline'
boots mptable 'acpi=off' 'found SMP MP-table
Virtual Wire compatibility mode
IO-APIC  *14-edge .*ata_piix'
boots pic 'noapic' 'XT-PIC  *14.* .*ata_piix'
boots none 'nolapic' 'XT-PIC  *14.* .*ata_piix
XT-PIC  *0.* .*timer\|XT-PIC  *0.* .*hpet'
boots p2 '' 'IOAPIC\[0\]: apic_id 1, version 17
IO-APIC  *14-edge .*ata_piix
lapic$' -cpu p2
boots p2-mptable 'acpi=off' 'found SMP MP-table
IO-APIC  *14-edge .*ata_piix' -cpu p2

# guest.sh - what the scripts that build Linux guests (i386) out of Debian packages have in common; sourced. Wanted on a Debian machine
# with the i386 architecture added (dpkg --add-architecture i386): cpio, debian-installer-12-netboot-i386, and a package mirror; for a CD
# grub-pc-bin grub-common xorriso mtools, too.
set -euo pipefail
me=$(basename "$0")
[ $# = 1 ] || { echo "usage: $me OUT" >&2; exit 2; }
mkdir -p "$1"
out=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
linux=/usr/lib/debian-installer/images/12/i386/text/debian-installer/i386/linux
root=$work/root
triplet=i386-linux-gnu

# fetch PACKAGE...: their files into ./files. Exit code 77 where they are not to be had.
fetch() {
    [ -f "$linux" ] || { echo "$me: $linux is missing: install debian-installer-12-netboot-i386" >&2; exit 77; }
    apt-get download -qq $(for p; do echo "$p:i386"; done) > apt.log 2>&1 || { cat apt.log >&2; echo "$me: cannot download packages" >&2; exit 77; }
    for package in *.deb; do dpkg -x "$package" files; done
}

# lay APPLET...: the root with busybox under so many names.
lay() {
    mkdir -p "$root"/{bin,dev,proc,tmp}
    cp files/bin/busybox "$root/bin/"
    for applet; do ln -s busybox "$root/bin/$applet"; done
}

# The beginning of /init where workloads are timed: `work NAME 'COMMANDS'`, with marks around them on COM1, because a guest's own clock may
# run at any speed. What they print must be short: the line's 115,200 baud belong to the guest's clock, and marks wait behind it.
timed_init() {
    cat <<'I'
#!/bin/sh
mount -t devtmpfs none /dev
mount -t proc none /proc
mount -t tmpfs none /tmp
cd /tmp
echo
echo "@@ boot end"
work() {
    name=$1; shift
    echo "@@ $name begin"
    eval "$@"
    echo "@@ $name end"
}
I
}

# $out/vmlinuz and $out/initrd.gz for a direct boot.
pack() {
    chmod +x "$root/init"
    (cd "$root" && find . | cpio -o -H newc --quiet | gzip -1 > "$out/initrd.gz")
    cp "$linux" "$out/vmlinuz"
}

# The same as $out/bench.iso, for a boot from CD.
pack_cd() {
    mkdir -p iso/boot/grub
    cp "$out/vmlinuz" "$out/initrd.gz" iso/boot/
    cat > iso/boot/grub/grub.cfg <<'G'
set timeout=0
serial --unit=0 --speed=115200
terminal_output console serial
menuentry bench { linux /boot/vmlinuz console=ttyS0,115200 quiet nokaslr mitigations=off; initrd /boot/initrd.gz; }
G
    grub-mkrescue -o "$out/bench.iso" iso 2> /dev/null
}

#!/bin/sh
# What cannot be used is refused before anything starts: exit code 2, and a message that names the option, what was expected,
# and the nearest choice where there is one. Whatever a file holds, the program ends in an orderly way.
. "$(dirname "$0")/lib.sh"

# refuses TEXT OPTION...: exit code 2 within seconds, TEXT in the message.
refuses() {
    text=$1
    shift
    code=0
    timeout 20 "$VITRINE" -display none -clock virtual -max-insns 1000 "$@" >"$dir/said" 2>&1 || code=$?
    [ "$code" = 2 ] || { cat "$dir/said"; fail "exit code $code, expected 2: $*"; }
    grep -qF -e "$text" "$dir/said" || { cat "$dir/said"; fail "no '$text' in the message: $*"; }
}

: >"$dir/empty"
echo hello >"$dir/text"
mkdir "$dir/folder"
mkfifo "$dir/pipe"
head -c 3000001 /dev/zero | tr '\0' x >"$dir/large"
printf '\177ELF' >"$dir/elf"

refuses "whole megabytes" -m 0
refuses "up to 32G" -m 100G
refuses "not '-5'" -m -5
refuses "expected an argument" -m
refuses 'did you mean -display' -displya none
refuses "did you mean 'slow'" -engine slwo
refuses "did you mean 'virtual'" -clock vitrual
refuses "did you mean '486'" -cpu 487
refuses "expected classes" -log bogus
refuses "0.1 to 1000" -mips 0
refuses "-max-insns: expected" -max-insns none
refuses "-timeout: expected" -timeout soon
refuses "files that can be read, not 'absent.img'" -fda "$dir/large,absent.img"
refuses "-boot: expected" -boot x
refuses "-rtc: expected" -rtc tomorrow
refuses "not empty" -expect ''
refuses "-serial: no destination 'bogus'" -serial bogus
refuses '-debugcon: cannot write' -debugcon "file:$dir/folder/none/x"
refuses "-serial: cannot write" -serial "file:$dir/folder"
refuses "no such option" -frobnicate
for option in -fda -hda -cdrom -kernel -bios -vgabios; do
    refuses "$option: " $option "$dir/absent"
    refuses "$option: " $option "$dir/folder"
    refuses "$option: " $option "$dir/empty"
    refuses "$option: " $option "$dir/pipe"
done
for file in absent folder empty text pipe large elf; do
    refuses "$dir/$file" "$dir/$file"
    refuses "-kernel: expected a Linux bzImage or a multiboot ELF kernel" -kernel "$dir/$file"
done
refuses "64 KB up to 4 MB" -bios "$dir/large"
refuses "64 KB up to 4 MB" -bios "$dir/text"
refuses "at most 1 MB" -vgabios "$dir/large"
refuses "-initrd: expected" -initrd "$dir/text"
if [ "$(id -u)" != 0 ]; then            # root may read everything
    cp "$dir/large" "$dir/locked"
    chmod 0 "$dir/locked"
    for option in -fda -hda -cdrom -kernel -bios; do
        refuses "$option: " $option "$dir/locked"
    done
fi
echo "all refused"

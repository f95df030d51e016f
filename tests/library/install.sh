#!/bin/sh
# cmake --install to a folder of its own: program, library, header, pkg-config file and manual page are there, and a program of ten
# lines is built with them. install.sh BUILD CC
set -eu
build=$1 cc=$2
for tool in pkg-config nm; do
    command -v $tool > /dev/null || { echo "skipped: $tool is missing"; exit 77; }
done
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { echo "FAILED: $*"; exit 1; }

cmake --install "$build" --prefix "$dir/to" > "$dir/log" || { cat "$dir/log"; fail "cmake --install"; }
pc=$(find "$dir/to" -name vitrine.pc)
export PKG_CONFIG_PATH="$(dirname "$pc")"
cat > "$dir/ten.c" <<'C'
#include <vitrine.h>
#include <stdio.h>
int main(void)
{
    static unsigned char bios[65536] = { [0xfff0] = 0xb0, 0x21, 0xe6, 0xf4 };   /* mov al, 21h; out 0f4h, al */
    struct vitrine_config config = { .size = sizeof config, .ram = VITRINE_MB, .bios = { .bytes = bios, .size = sizeof bios }, .vgabios.file = "" };
    struct vitrine_error error;
    struct vitrine *v = vitrine_new(&config, &error);
    printf("%s\n", !v ? error.text : vitrine_reason_text(vitrine_run(v, VITRINE_FOREVER)));
    printf("%x %s\n", v ? vitrine_exit_code(v) : 0, vitrine_version());
    vitrine_free(v);
}
C
want="debug exit
43 $(pkg-config --modversion vitrine)"
lib=$(pkg-config --variable=libdir vitrine)
$cc "$dir/ten.c" -o "$dir/ten" $(pkg-config --cflags --libs vitrine)
[ "$(LD_LIBRARY_PATH=$lib "$dir/ten")" = "$want" ] || fail "with libvitrine.so: $(LD_LIBRARY_PATH=$lib "$dir/ten" 2>&1)"
$cc "$dir/ten.c" -o "$dir/ten" $(pkg-config --cflags vitrine) "$lib/libvitrine.a" $(pkg-config --static --libs-only-l vitrine | sed "s/-lvitrine//")
[ "$("$dir/ten")" = "$want" ] || fail "with libvitrine.a: $("$dir/ten" 2>&1)"

# What is seen of the library is what the header declares, no more and no less.
header=$(find "$dir/to" -name vitrine.h)
sed -n 's/^VITRINE_API .*\(vitrine_[a-z_]*\)(.*/\1/p' "$header" | sort > "$dir/declared"
nm -D --defined-only "$lib/libvitrine.so" | awk '{ print $3 }' | sort > "$dir/shared"
nm -g --defined-only "$lib/libvitrine.a" 2> /dev/null | awk 'NF == 3 { print $3 }' | sort > "$dir/static"
[ "$(wc -l < "$dir/declared")" -gt 30 ] || fail "the header declares too little to be read by this test"
for kind in shared static; do
    diff "$dir/declared" "$dir/$kind" || fail "the $kind library shows other names than the header"
done
# And it writes to no standard output or error, ends no program but by abort(), and keeps its hands off what threads share.
if nm -D --undefined-only "$lib/libvitrine.so" | awk '{ print $2 }' |
        grep -E '^(stdout|stderr|_?exit|quick_exit|printf|vprintf|puts|putchar|perror|signal|sigaction|strtok|setlocale|localtime|gmtime|chdir|umask|setenv)(@|$)'; then
    fail "the library prints, exits or uses what all threads share"
fi

"$dir/to/bin/vitrine" -version > "$dir/version" || fail "the program does not run"
grep -q "^Vitrine $(pkg-config --modversion vitrine)" "$dir/version" || fail "the program is of another version"
page=$(find "$dir/to" -name vitrine.1)
for option in $("$dir/to/bin/vitrine" -help | sed -n 's/^  -\([a-z-]*\).*/\1/p'); do
    grep -qF "\\fB\\-$(echo "$option" | sed 's/-/\\-/g')\\fR" "$page" || fail "the manual page does not have -$option"
done
if command -v man > /dev/null && command -v groff > /dev/null; then
    [ -z "$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=100 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 > /dev/null)" ] ||
        fail "the manual page has faults: $(LC_ALL=C.UTF-8 MANROFFSEQ='' man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 > /dev/null)"
fi

# What shells and desktops read: each option is offered, and what is offered behind it.
share=$dir/to/share
offered=$(bash -c '. "$1"; COMP_WORDS=(vitrine -disp); COMP_CWORD=1; _vitrine; echo "${COMPREPLY[@]}"
    COMP_WORDS=(vitrine -display ""); COMP_CWORD=2; _vitrine; echo "${COMPREPLY[@]}"' - "$share/bash-completion/completions/vitrine")
[ "$offered" = "-display
sdl terminal none" ] || fail "bash offers: $offered"
for option in $("$dir/to/bin/vitrine" -help | sed -n 's/^  -\([a-zA-Z-]*\).*/\1/p'); do
    grep -q "'\*-$option\[" "$share/zsh/vendor-completions/_vitrine" || fail "zsh is not told of -$option"
    grep -q "^complete -c vitrine -o $option " "$share/fish/vendor_completions.d/vitrine.fish" || fail "fish is not told of -$option"
done
if command -v zsh > /dev/null; then zsh -n "$share/zsh/vendor-completions/_vitrine"; fi
if command -v fish > /dev/null; then fish --no-execute "$share/fish/vendor_completions.d/vitrine.fish"; fi
icon=$(sed -n 's/^Icon=//p' "$share/applications/vitrine.desktop")
[ -f "$share/icons/hicolor/scalable/apps/$icon.svg" ] || fail "no icon for the desktop"
if command -v desktop-file-validate > /dev/null; then desktop-file-validate "$share/applications/vitrine.desktop"; fi

# The firmware is found in VITRINE_DATA and beside what is installed; one that is not whole is told of, so it was this one.
mkdir "$dir/data" "$share/vitrine"
echo short > "$dir/data/bios-256k.bin"
said=$(VITRINE_DATA=$dir/data "$dir/to/bin/vitrine" -display none -max-insns 1 2>&1 || true)
case $said in *"$dir/data/bios-256k.bin"*) ;; *) fail "VITRINE_DATA: $said" ;; esac
cp "$dir/data/bios-256k.bin" "$share/vitrine/"
said=$("$dir/to/bin/vitrine" -display none -max-insns 1 2>&1 || true)
case $said in *share/vitrine/bios-256k.bin*) ;; *) fail "share/vitrine: $said" ;; esac

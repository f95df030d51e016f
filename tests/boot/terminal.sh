#!/bin/sh
# The terminal display, in tmux: 2000 pasted characters arrive, each and in order, at a guest that reads them slowly; keys with
# Ctrl, Alt and Shift; what has no key is told and not mistyped; the screen says how to leave, and that works. The same text
# over the serial line and by -send.
. "$(dirname "$0")/lib.sh"
for tool in tmux nasm awk; do
    command -v $tool >/dev/null || { echo "skipped: $tool is missing (Debian package $tool)"; exit 77; }
done
"$VITRINE" -version | grep -q 'ncurses *yes' || { echo "skipped: built without ncurses"; exit 77; }
nasm -f bin "$SOURCE/tests/boot/typed.asm" -o "$dir/typed.img"
nasm -f bin -DSERIAL "$SOURCE/tests/boot/typed.asm" -o "$dir/serial.img"
export LC_ALL=C.UTF-8
tm() { tmux -L "vitrine-test-$$" -f /dev/null "$@"; }
trap 'tm kill-server 2>/dev/null || true; rm -rf "$dir"' EXIT
said() { sed -n '/^type/,$p' "$dir/said" | tr -d '\r'; }
# wait_for TEXT COMMAND...: until the command prints it.
wait_for() {
    text=$1
    shift
    tries=0
    until "$@" 2>/dev/null | grep -qF -e "$text"; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] || { "$@" | tail -n 5; tm capture-pane -p -t t; fail "no '$text'"; }
        sleep 0.2
    done
}
screen() { tm capture-pane -p -t t; }

# 25 lines of 80 characters, and what typed.asm counts: the sum rotated at each key, a line's end as 13.
awk 'BEGIN { for (l = 0; l < 25; l++) { for (c = 0; c < 79; c++) printf "%c", 33 + (l * 7 + c * 5) % 94; print "" } }' >"$dir/text"
keys=$(awk 'BEGIN { for (l = 0; l < 25; l++) for (c = 0; c < 80; c++) {
    n++; s = s * 2 % 65536 + int(s / 32768); s = (s + (c == 79 ? 13 : 33 + (l * 7 + c * 5) % 94)) % 65536 }
    printf "keys %04X sum %04X.", n, s }')

# keys_line N: what the guest told at the N-th Esc.
keys_line() { said | grep '^keys' | sed -n "$1p"; }
# What it wrote since the last of them.
last_line() { said | tail -n 1; }

tm new-session -d -s t -x 90 -y 30 \
    "'$VITRINE' '$dir/typed.img' -display terminal -clock virtual -debugcon 'file:$dir/said'; echo ended \$? >'$dir/code'; sleep 99"
wait_for 'Ctrl-] q ends' screen
wait_for 'type' said
tm load-buffer "$dir/text"
line=0
for brackets in '' -p; do                   # without and with the marks of a paste around it
    line=$((line + 1))
    tm paste-buffer $brackets -t t
    tm send-keys -t t Escape
    wait_for 'keys' keys_line $line
    [ "$(keys_line $line)" = "$keys" ] || fail "pasted: $(keys_line $line), expected $keys"
done
echo "pasted twice: $keys"

# Scan codes as the BIOS gives them: PC BIOS Interface Technical Reference, "Interrupt 16H".
expected=
for key in C-Up/8D C-Down/91 C-Left/73 C-Right/74 C-Home/77 C-End/75 C-PPage/84 C-NPage/76 C-IC/92 C-DC/93 M-Up/98 M-Left/9B \
    M-Home/97 M-End/9F M-PPage/99 M-NPage/A1 M-IC/A2 M-DC/A3 C-F1/5E C-F12/8A M-F1/68 M-F12/8C S-F1/54 F12/86 Up/48 Home/47 DC/53; do
    tm send-keys -t t "${key%/*}"
    expected="$expected${key#*/}00 "
done
tm send-keys -t t C-] C-]                   # types itself
wait_for '1B1D ' last_line
[ "$(last_line)" = "${expected}1B1D " ] || fail "keys: $(last_line), expected ${expected}1B1D"
echo "keys: $expected"

# No key: said, and nothing typed but the letter behind it.
tm send-keys -t t Escape
wait_for 'keys' keys_line 3
tm send-keys -t t -l '€z'
wait_for 'was not typed' screen
wait_for '2C7A ' last_line
[ "$(last_line)" = '2C7A ' ] || fail "a character without a key typed $(last_line)"
tm send-keys -t t C-]                       # the menu: its keys are not the guest's
wait_for 'Power button' screen
tm send-keys -t t Down Down Escape z
wait_for '2C7A 2C7A ' last_line
[ "$(last_line)" = '2C7A 2C7A ' ] || fail "the menu let keys through: $(last_line)"
tm send-keys -t t C-] q                     # the power button first, then the power
wait_for 'close again to cut the power' screen
tm send-keys -t t C-] q
wait_for 'ended 0' cat "$dir/code"

# The same text over the serial line, at once from a pipe (behind a character that comes before the line is set up), and by -send to the keyboard.
(printf x; cat "$dir/text") | vitrine "$dir/serial.img" -serial stdio -debugcon "file:$dir/said" -expect "$keys" ||
    fail "over the serial line: $(last_line), expected $keys"
vitrine "$dir/typed.img" -expect type -send "$(sed 's/[\\<]/\\&/g' "$dir/text")
<esc>" -expect "$keys" || fail "by -send"

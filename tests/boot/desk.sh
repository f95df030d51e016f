#!/bin/sh
# The window as a person uses it: its menu opened by a key, a floppy changed there and by a key alone while the guest
# watches the drive's change line, a screenshot, the window closed twice. On a display of its own.
. "$(dirname "$0")/lib.sh"
for tool in Xvfb:xvfb xdotool:xdotool nasm:nasm python3:python3; do
    command -v "${tool%:*}" >/dev/null || { echo "skipped: ${tool%:*} is missing (Debian package ${tool#*:})"; exit 77; }
done
"$VITRINE" -version | grep -q 'SDL2 *yes' || { echo "skipped: this build has no SDL2"; exit 77; }
here=$(cd "$(dirname "$0")" && pwd)
for name in ONE TWO; do
    nasm -f bin -DNAME="'DISK $name'" -o "$dir/$name.img" "$here/desk.asm"
    truncate -s 1474560 "$dir/$name.img"
done

machine= server=
cleanup() {
    for p in $machine $server; do kill "$p" 2>/dev/null || true; done
    rm -rf "$dir"
}
trap cleanup EXIT

# until COMMAND...: wait for it; two minutes are far more than anything here takes.
until_true() {
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        if [ $tries -gt 1200 ]; then
            cat "$dir/log" "$dir/told" || true
            fail "waited in vain: $*"
        fi
        sleep 0.1
    done
}
told() { [ "$(grep -c "$1" "$dir/told")" -ge "$2" ]; }
titled() { xdotool getwindowname "$window" | grep -q "$1"; }
ended() { ! kill -0 "$machine" 2>/dev/null; }
find_window() { window=$(xdotool search --onlyvisible --name '^Vitrine' | head -n 1) && [ -n "$window" ]; }

Xvfb -displayfd 3 -screen 0 1024x768x24 3>"$dir/display" >"$dir/xvfb.log" 2>&1 &
server=$!
until_true test -s "$dir/display"
DISPLAY=:$(cat "$dir/display")
export DISPLAY
cd "$dir"
SDL_VIDEODRIVER=x11 "$VITRINE" -display sdl -m 16 -timeout 600 -fda ONE.img,TWO.img -debugcon "file:$dir/told" >"$dir/log" 2>&1 &
machine=$!
until_true find_window
until_true told 'DISK ONE' 1
xdotool windowfocus "$window"
xdotool mousemove 512 384                       # without a window manager keys go where the pointer is, too

xdotool key ctrl+alt+m                          # the menu: floppy A, its second file
until_true titled 'menu is open'
xdotool key Return Down Return
until_true told 'DISK TWO' 1
xdotool key ctrl+alt+a                          # the next of its list: the first again
until_true told 'DISK ONE' 2
xdotool key ctrl+alt+s
until_true test -s "$dir/vitrine-001.png"

xdotool key ctrl+alt+d                          # the debugger, for which there is no terminal
until_true titled 'wants a terminal'

"$here/close-window" "$window"
until_true titled 'close again to cut the power'
ended && fail "the first close ended the run"
"$here/close-window" "$window"
until_true ended
code=0
wait "$machine" || code=$?
machine=
[ "$code" = 0 ] || { cat "$dir/log"; fail "exit code $code, expected 0"; }
[ "$(grep '^DISK' "$dir/told")" = "$(printf 'DISK ONE\nDISK TWO\nDISK ONE')" ] || { cat "$dir/told"; fail "the guest saw other changes"; }

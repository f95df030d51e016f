#!/bin/sh
# -sandbox: without a display the program and all its threads are confined once they run; what was asked for is written at the end all
# the same, lines are taken over sockets, and the machine ends in the same state. With a window or terminal everything that a person
# can do still works.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
[ -e /proc/self/status ] && grep -q Seccomp /proc/self/status || { echo "skipped: no /proc/self/status with Seccomp"; exit 77; }
"$VITRINE" -display none -sandbox on -m 16 -max-insns 1 2>"$dir/said" || true
if grep -q -e '-sandbox:' "$dir/said"; then
    cat "$dir/said"
    echo "skipped: no sandbox here"
    exit 77
fi
filter=0
"$VITRINE" -version | grep -q 'seccomp *yes' && filter=2
truncate -s 1M "$dir/disk.img"

# confined SECCOMP NO-NEW-PRIVS OPTION...: what the kernel says of each thread while it runs.
confined() {
    seccomp=$1 privileges=$2
    shift 2
    rm -f "$dir/sock"
    "$VITRINE" -m 16 -hda "$dir/disk.img" -serial "unix:$dir/sock,server" "$@" >"$dir/log" 2>&1 &
    machine=$!
    tries=0
    until [ -S "$dir/sock" ] && [ "$(ls "/proc/$machine/task" | wc -l)" -ge 3 ]; do
        tries=$((tries + 1))
        [ $tries -lt 300 ] || { cat "$dir/log"; fail "it does not start: $*"; }
        sleep 0.1
    done
    cat /proc/$machine/task/*/status >"$dir/status"
    kill $machine
    wait $machine || true
    [ "$(grep -c "^Seccomp:[[:space:]]*$seccomp\$" "$dir/status")" -ge 3 ] || { grep Seccomp "$dir/status"; fail "Seccomp not $seccomp: $*"; }
    [ "$(grep -c "^NoNewPrivs:[[:space:]]*$privileges\$" "$dir/status")" -ge 3 ] || fail "NoNewPrivs not $privileges: $*"
    [ ! -e "$dir/sock" ] || fail "the socket is left: $*"
}
confined $filter 1 -display none
confined $filter 1 -display none -sandbox on
confined 0 0 -display none -sandbox off

# Outputs that come at the end, one of them instead of an older file; the same state.
mkdir "$dir/results"
echo old >"$dir/results/report.json"
printf '\260\170\346\351\353\376' >"$dir/x.img"                 # mov al, 'x'; out 0e9h, al; jmp $
printf '\125\252' | dd of="$dir/x.img" bs=1 seek=510 conv=notrunc status=none
truncate -s 1474560 "$dir/x.img"
for how in on off; do
    fails 10 vitrine -sandbox $how -m 16 -max-insns 12M -hda "$dir/disk.img" -fda "$dir/x.img" -report "$dir/results/report.json" \
        -screendump "$dir/results/$how.ppm" -debugcon "file:$dir/$how.log" -statehash >"$dir/$how.hash" 2>"$dir/said"
    grep -q '"exit_code": 10' "$dir/results/report.json" || fail "no report with -sandbox $how"
    rm "$dir/results/report.json"
    [ "$(ls -A "$dir/results" | grep -c tmp)" = 0 ] || fail "temporary files are left"
done
cmp "$dir/results/on.ppm" "$dir/results/off.ppm" || fail "the pictures differ"
cmp "$dir/on.log" "$dir/off.log" || fail "the debug consoles differ"
[ "$(grep '^state hash' "$dir/on.hash")" = "$(grep '^state hash' "$dir/off.hash")" ] || fail "the states differ"
[ "$(cat "$dir/on.log")" = x ] || fail "nothing was written"

# Nothing changes for a person: the tests of the window and the terminal, in the sandbox.
printf '#!/bin/sh\nexec "%s" -sandbox on "$@"\n' "$VITRINE" >"$dir/confined"
chmod +x "$dir/confined"
for name in desk terminal; do
    code=0
    VITRINE=$dir/confined "$here/$name.sh" >"$dir/log" 2>&1 || code=$?
    echo "$name.sh in the sandbox: exit code $code"
    [ $code = 0 ] || [ $code = 77 ] || { cat "$dir/log"; fail "$name.sh ends with $code in the sandbox"; }
done
echo "confined, and nothing is missed"

#!/bin/sh
# The boot-sector probes, in every engine: what a strict PC prints, and how a triple fault and a shutdown end.
# ctest gives VITRINE, SOURCE and NASM.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
[ -n "${NASM:-}" ] || { echo "skipped: no nasm"; exit 77; }

# probe NAME ENGINE CODE TEXT: TEXT is the last line on the debug console, none where it is empty.
probe() {
    "$NASM" -f bin "$SOURCE/tests/guest/probes/$1.asm" -o "$dir/$1.img"
    code=0
    "$VITRINE" "$dir/$1.img" -display none -no-reboot -engine "$2" -timeout 60 -log firmware -debugcon "file:$dir/out" \
        2>"$dir/err" || code=$?
    [ $code = "$3" ] || { echo "$1, $2: exit code $code, expected $3"; cat "$dir/err"; exit 1; }
    [ "$(tail -n 1 "$dir/out")" = "$4" ] || { echo "$1, $2: expected $4:"; tail -n 3 "$dir/out"; exit 1; }
    echo "$1, $2: $4"
}

for engine in fast slow debug step; do
    probe seglim $engine 33 AG
    probe ac $engine 33 ADTC
    probe push $engine 6 P
    for word in push '#SS' '#DF'; do
        grep -q "$word" "$dir/err" || { echo "push, $engine: the report lacks $word:"; cat "$dir/err"; exit 1; }
    done
    probe rsm $engine 6 S
    grep -q '^shutdown: .*PG set with PE clear' "$dir/err" || { echo "rsm, $engine: no reason"; cat "$dir/err"; exit 1; }
    probe tf $engine 6 ''
    # The report names the whole chain: #BP, then #GP for the missing gate, double fault, triple fault.
    for word in 'firmware: Booting from 0000:7c00' 'int3' '#GP' '#DF' 'CS:EIP 0000:00007c06' 'limit of the interrupt table'; do
        grep -q "$word" "$dir/err" || { echo "tf, $engine: the report lacks $word:"; cat "$dir/err"; exit 1; }
    done
done

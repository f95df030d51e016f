#!/bin/sh
# The first 120 million instructions of each boot leave the same state in every engine: prefix.sh [MILLIONS].
. "$(dirname "$0")/lib.sh"
. "$SOURCE/tests/boot/boot-list"
millions=${1:-120}
tried=0

# same NAME OPTION...: run in each engine and compare the state hashes.
same() {
    name=$1
    shift
    tried=$((tried + 1))
    for engine in fast slow debug; do
        vitrine "$@" -expect never -engine $engine -max-insns ${millions}M -statehash >"$dir/$engine" 2>"$dir/error" && code=0 || code=$?
        [ $code = 10 ] || { cat "$dir/error"; fail "$name: exit code $code in the $engine engine"; }
        grep '^state hash' "$dir/$engine" >"$dir/$engine.hash"
        cmp "$dir/fast.hash" "$dir/$engine.hash" || { cat "$dir/fast.hash" "$dir/$engine.hash"; fail "$name: fast and $engine differ"; }
    done
    echo "$name: $(cat "$dir/fast.hash")"
}

each_boot same
echo "$tried boots"

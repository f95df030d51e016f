#!/bin/sh
# -state writes what the state hash is of, the same in every engine, and tests/compare_state sees what differs.
. "$(dirname "$0")/lib.sh"
for engine in fast step; do
    fails 10 vitrine -m 4 -engine $engine -expect never -max-insns 2M -state "$dir/$engine"
done
for section in machine cpu timers 'device pic1' 'device vga' 'ram RAM'; do
    grep -qxF "[$section]" "$dir/fast" || fail "no section [$section]"
done
grep -qx '  cr0              = [0-9a-f]*' "$dir/fast" || fail "no register"
"$SOURCE/tests/compare_state" "$dir/fast" "$dir/step" >"$dir/same" || { cat "$dir/same"; fail "fast and step differ"; }
# A field that differs, a page that is not there, a page too many; a field of one version alone is no difference.
sed 's/^  cr0  .*/  cr0              = 0000000000000001/' "$dir/fast" >"$dir/changed"
sed '0,/^  page [0-9a-f][0-9a-f]* =/{//d}' "$dir/fast" >"$dir/less"
sed 's/^\[timers\]/[device new]\n  field = 00\n[timers]/' "$dir/fast" >"$dir/more"
fails 1 "$SOURCE/tests/compare_state" "$dir/fast" "$dir/changed"
fails 1 "$SOURCE/tests/compare_state" "$dir/fast" "$dir/less"
fails 1 "$SOURCE/tests/compare_state" "$dir/less" "$dir/fast"
fails 0 "$SOURCE/tests/compare_state" "$dir/fast" "$dir/more"
# What cannot be written is refused at the start.
fails 2 vitrine -state "$dir/none/there" 2>"$dir/error"
grep -q -- '-state: .*none/there' "$dir/error" || { cat "$dir/error"; fail "the file is not named"; }

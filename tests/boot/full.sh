#!/bin/sh
# The host's disk is full: the guest is told of a drive error, or the machine waits until there is room and goes on as if nothing
# had been. The disk is a small file system in memory, in a name space of its own.
. "$(dirname "$0")/lib.sh"
command -v nasm >/dev/null || { echo "skipped: nasm is missing (Debian package nasm)"; exit 77; }
if [ "${FULL_INSIDE:-}" = "" ]; then
    export FULL_INSIDE=1
    for way in "unshare -m" "unshare -rm"; do
        $way sh -c 'mount -t tmpfs -o size=1M none /mnt' 2>/dev/null || continue
        code=0
        $way "$0" || code=$?
        exit $code
    done
    echo "skipped: no file system in memory can be made here (unshare -rm)"
    exit 77
fi
nasm -f bin -D SECTORS=4096 -o "$dir/store.img" "$SOURCE/tests/boot/store.asm"
mkdir "$dir/small"
trap 'umount "$dir/small"; rm -rf "$dir"' EXIT
mount -t tmpfs -o size=1M none "$dir/small"
disk=$dir/small/disk.img

# stores OPTION...: run the guest; what it says is in $dir/told.
stores() {
    code=0
    vitrine -m 16 -fda "$dir/store.img" -boot a -hda "$disk" -debugcon "file:$dir/told" -statehash "$@" >"$dir/hash" 2>"$dir/said" || code=$?
    tail -n 2 "$dir/told"; cat "$dir/said"
    [ "$code" = 1 ] || fail "exit code $code"
}
fresh() { rm -f "$disk"; truncate -s 2M "$disk"; }
wait_for() {
    tries=0
    until grep -q "$1" "$dir/said"; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] || { cat "$dir/said"; fail "waited in vain for '$1'"; }
        sleep 0.1
    done
}

# An error, where the file system ends; no sector is half written.
fresh
stores
grep -q 'error' "$dir/told" || fail "the guest was not told"
[ "$(grep -c 'No space left on device' "$dir/said")" -ge 1 ] || fail "nobody was told"
tr -d '\0' <"$disk" >"$dir/letters"
[ "$(($(wc -c <"$dir/letters") % 512))" = 0 ] && [ -s "$dir/letters" ] || fail "a sector is half written"

# The same run with room enough, for comparison.
mount -o remount,size=8M "$dir/small"
fresh
stores
grep -q '^stored' "$dir/told" && grep -q '^flushed' "$dir/told" || fail "the guest could not write"
cp "$disk" "$dir/whole"
mv "$dir/hash" "$dir/hash.whole"

# The machine waits; room is made; it goes on, and ends in the same state.
fresh
mount -o remount,size=1M "$dir/small"
: >"$dir/said"
"$VITRINE" -display none -clock virtual -timeout 300 -m 16 -fda "$dir/store.img" -boot a -hda "$disk" -debugcon "file:$dir/told" -statehash \
    -on-full pause >"$dir/hash" 2>"$dir/said" &
machine=$!
wait_for 'the machine waits'
sleep 2
kill -0 $machine || fail "it did not wait"
grep -q stored "$dir/told" && fail "the guest has gone on"
mount -o remount,size=8M "$dir/small"
code=0
wait $machine || code=$?
cat "$dir/said"
[ $code = 1 ] || fail "exit code $code"
grep -q 'room on the host.s disk again' "$dir/said" || fail "it is not said that it goes on"
[ "$(grep -c 'the machine waits' "$dir/said")" = 1 ] || fail "said more than once"
cmp "$disk" "$dir/whole" || fail "the image differs"
[ "$(grep hash "$dir/hash" | tail -n 1)" = "$(grep hash "$dir/hash.whole" | tail -n 1)" ] || fail "the state differs"

# It can be ended while it waits.
fresh
mount -o remount,size=1M "$dir/small"
"$VITRINE" -display none -timeout 300 -m 16 -fda "$dir/store.img" -boot a -hda "$disk" -on-full pause 2>"$dir/said" &
machine=$!
wait_for 'the machine waits'
kill $machine
tries=0
while kill -0 $machine 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || fail "it cannot be ended"
    sleep 0.1
done

# What the guest writes with -snapshot has a limit, too.
stores -snapshot -snapshot-limit 1M
grep -q 'error' "$dir/told" || fail "no limit"
grep -q -e '-snapshot-limit' "$dir/said" || fail "the limit is not named"
stores -snapshot -snapshot-limit 4M
grep -q '^stored' "$dir/told" || fail "the limit is too low"
rm -f "$disk"
echo "a full disk is told, or waited for"

#!/bin/sh
# No command line destroys a file: an output is never put over a file that the run, or another program, has in use; it is whole
# or the older one is still there; a file that is no socket is never removed.
. "$(dirname "$0")/lib.sh"
cd "$dir"

# refuses TEXT FILE OPTION...: exit code 2, TEXT in the message, and FILE is what it was.
refuses() {
    text=$1 kept=$2
    shift 2
    before=$(cksum <"$kept")
    code=0
    timeout 60 "$VITRINE" -display none -clock virtual -m 16 -max-insns 1000 "$@" >said 2>&1 || code=$?
    [ "$code" = 2 ] || { cat said; fail "exit code $code, expected 2: $*"; }
    grep -qF -e "$text" said || { cat said; fail "no '$text' in the message: $*"; }
    [ "$before" = "$(cksum <"$kept")" ] || fail "$kept has changed: $*"
}

head -c 1474560 /dev/zero >disk.img
cp disk.img other.img
ln disk.img hard.img
ln -s disk.img soft.img
firmware=/usr/share/seabios/bios-256k.bin
for name in disk.img ./hard.img soft.img; do
    for option in "-report $name" "-screendump $name" "-serial file:$name" "-debugcon file:$name"; do
        refuses 'in use as -hda' disk.img -hda disk.img $option
        refuses 'in use as -fda' disk.img -fda other.img,disk.img $option
        refuses 'in use as IMAGE' disk.img disk.img $option
        refuses 'in use as -hda' disk.img -hda disk.img -snapshot $option
    done
done
if [ -e $firmware ]; then
    cp $firmware firmware.bin
    refuses 'in use as -bios' firmware.bin -bios firmware.bin -report firmware.bin
fi
refuses 'is what -screendump writes' other.img -report same -screendump ./same
[ ! -e same ] || fail "a refused run has left a file"
refuses 'in use as -serial' other.img -serial file:log -debugcon file:log

# Another program has it.
if command -v flock >/dev/null; then
    for option in "-report other.img" "-serial file:other.img"; do
        code=0
        flock other.img "$VITRINE" -display none -m 16 -max-insns 1000 $option >said 2>&1 || code=$?
        [ "$code" = 2 ] && grep -q 'by another program' said || { cat said; fail "other.img is locked: $option"; }
    done
fi
cmp -s disk.img other.img || fail "other.img has changed"

# What is no socket stays; the name of a dead one is free.
echo mine >thesis
refuses 'no socket' thesis -serial unix:thesis,server
[ "$(cat thesis)" = mine ] || fail "thesis is gone"

# Standard output and error: never the image, neither by its name nor by its number.
code=0
"$VITRINE" -display none -m 16 -max-insns 1000 -hda disk.img >>disk.img 2>said || code=$?
[ "$code" = 2 ] && grep -q 'standard output' said || { cat said; fail "exit code $code with standard output in the image"; }
code=0
"$VITRINE" -display none -clock virtual -m 16 -max-insns 200000 -hda disk.img -debugcon stdio -screenhash <&- >&- 2>&- || code=$?
[ "$code" = 10 ] || fail "exit code $code with closed descriptors"
cmp -s disk.img other.img || fail "the image has changed"

# Folders, devices, what cannot be made: refused at the start.
for option in "-report $dir" "-screendump absent/x.png" "-report absent/x.json"; do
    refuses "cannot write" other.img $option
done

# A run that is killed leaves the older report, and nothing else.
echo old >report.json
"$VITRINE" -display none -m 16 -report report.json >said 2>&1 &
machine=$!
sleep 1
kill -9 $machine
wait $machine 2>/dev/null || true
[ "$(cat report.json)" = old ] || fail "the older report is gone"
vitrine -m 16 -max-insns 1000 -report report.json -screendump picture.ppm || [ $? = 10 ]
grep -q '"ended": "-max-insns"' report.json || fail "no report"
head -c 2 picture.ppm | grep -q P6 || fail "no picture"
[ -z "$(ls -A | grep tmp)" ] || fail "temporary files are left: $(ls -A)"
code=0
vitrine -m 16 -max-insns 1000 -report /dev/full || code=$?
[ "$code" = 4 ] || fail "exit code $code with a full disk"
vitrine -m 16 -max-insns 1000 -report /dev/stdout 2>/dev/null | grep -q '"exit_code": 10' || fail "no report on a pipe"
echo "no file was destroyed"

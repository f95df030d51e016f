# lib.sh - what the boot tests share. ctest gives them VITRINE (the program) and SOURCE (the source tree).
# Exit code 77: skipped, with the reason as the last line.
set -eu
: "${VITRINE:?is the program to test}" "${SOURCE:?is the source tree}"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# need FILE PACKAGE: skip the test where a guest is not installed.
need() {
    [ -e "$1" ] || { echo "skipped: $1 is missing (Debian package $2)"; exit 77; }
}

# vitrine OPTION...: the program without a display, in a run that repeats; stops after LIMIT host seconds.
vitrine() {
    printf '%s ' '+ vitrine' "$@"; echo
    "$VITRINE" -display none -clock virtual -timeout "${LIMIT:-300}" "$@"
}

# fails CODE COMMAND...: it must end with that exit code.
fails() {
    expected=$1
    shift
    code=0
    "$@" || code=$?
    [ "$code" = "$expected" ] || { echo "exit code $code, expected $expected"; exit 1; }
}

fail() { echo "FAILED: $*"; exit 1; }

installer=/usr/lib/debian-installer/images/12/i386/text/debian-installer/i386
guests=${VITRINE_GUESTS:-$SOURCE/../shared/guests}

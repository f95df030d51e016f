"""What is run to compare programs: the guests of tests/guest, the boots of tests/boot/boot-list."""
import argparse, os, re, subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GUEST_INSNS = 500000000         # a guest that has not ended by then never will
UNITS = {'K': 1000, 'M': 1000000, 'G': 1000000000}


def number(text):
    m = re.fullmatch(r'(\d+)([KMG]?)', text)
    if not m:
        raise argparse.ArgumentTypeError(f"expected a number, perhaps with K, M or G, not '{text}'")
    return int(m[1]) * UNITS.get(m[2], 1)


def guests(folder):
    """(name, options) of each guest, by the images that the build made."""
    images = os.path.join(folder, 'tests', 'guest')
    names = sorted(f for f in (os.listdir(images) if os.path.isdir(images) else []) if f.endswith('.img'))
    end = ['-debugcon', 'stdio', '-no-reboot', '-max-insns', str(GUEST_INSNS)]
    drive = os.path.join(images, 'drive')
    own = {'hostile': ['-hda', drive + '.disk', '-cdrom', drive + '.cd', '-boot', 'a']}         # as tests/guest/CMakeLists.txt has them
    return [(f[:-4], [os.path.join(images, f), *own.get(f[:-4], []), *end]) for f in names]


def boots(scratch):
    """(name, options) of each boot of tests/boot/boot-list, as its sh makes them; files that it makes lie in `scratch`."""
    script = '''. "$SOURCE/tests/boot/lib.sh"; rmdir "$dir"; trap - EXIT; dir=$SCRATCH
                . "$SOURCE/tests/boot/boot-list"
                show() { printf '%s\\0' "$@"; printf '\\0'; }
                each_boot show'''
    environment = dict(os.environ, SOURCE=ROOT, VITRINE='none', SCRATCH=scratch)
    text = subprocess.run(['sh', '-c', script], env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    lists = [entry.split('\0') for entry in text.split('\0\0') if entry]
    return [(words[0], words[1:]) for words in lists]

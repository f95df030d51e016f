"""Vitrine under callgrind, and which function ran how many of the host's instructions."""
import collections, os, re, subprocess
import floppy as disk


def start(argv, out, timeout=600):
    """Runs it to its end; callgrind's file goes to `out`. Of its debugging information, which Valgrind cannot read of every compiler,
    nothing is needed: a function's name is a symbol."""
    program = out + '.program'
    disk.sh('objcopy', '--strip-debug', argv[0], program)
    return subprocess.run(['valgrind', '--tool=callgrind', f'--callgrind-out-file={out}', program, *argv[1:], '-sandbox', 'off'],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout)


def run(argv, out):
    """The same of a kernel: (host instructions, match of the end mark), None where it failed."""
    text = start(argv, out)
    m = re.search(rb'Collected : (\d+)', text.stderr)
    e = disk.END.search(text.stdout.decode('latin1'))
    return (int(m.group(1)), e) if m and e else None


def from_rom(kernel, scale, vitrine, work, megabytes=32, real=False, options=()):
    """The same of a kernel that is the machine's own firmware: the file is work/callgrind.out."""
    rom = disk.rom_of(kernel, scale, os.path.join(work, 'counted.rom'), real)
    argv = [vitrine, *disk.QUIET, '-no-reboot', '-m', str(megabytes), '-bios', rom, *options]
    return run(argv, os.path.join(work, 'callgrind.out'))


def by_function(path):
    """{function: host instructions in itself, what it calls left out}. The format: Valgrind manual, "Callgrind Format Specification"."""
    names, costs, function, skip = {}, collections.Counter(), None, False
    with open(path) as f:
        for line in f:
            if line.startswith('fn='):
                number, name = re.match(r'fn=\((\d+)\)(?: (.*))?', line).groups()
                if name:
                    names[number] = re.sub(r"'\d+$", '', name)          # how deep a recursion is
                function = names[number]
            elif line.startswith('cfn='):
                number, name = re.match(r'cfn=\((\d+)\)(?: (.*))?', line).groups()
                if name:
                    names[number] = re.sub(r"'\d+$", '', name)
            elif line.startswith('calls='):
                skip = True                                             # the next line is the callee's
            elif line[0] in '0123456789+-*':
                if not skip:
                    costs[function] += int(line.split()[1])
                skip = False
    return costs

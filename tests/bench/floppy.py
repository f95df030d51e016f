"""Kernels for the bare machine: built into floppy images, started on each machine, timed by their marks, counted by callgrind.

A kernel lies behind boot.asm's sector and writes to port E9: `@begin`, then `@end SUM TICKS`, where a third number says how many
operations it did. SUM is the checksum of what it reckoned, TICKS the time-stamp counter's difference, which on Vitrine's virtual clock
are instructions."""
import os, re, shutil, struct, subprocess, sys
import peers

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BARE = os.path.join(HERE, 'bare')
SECTOR, FLOPPY = 512, 1474560
SCALE_AT = 0x1f0                        # boot.asm: how many rounds
ROM = 65536
TIMEOUT = 300
END = re.compile(r'@end ([0-9a-f]{8}) ([0-9a-f]{16})(?: ([0-9a-f]{16}))?')


def sh(*args):
    subprocess.run(args, check=True)


def need(build, *tools):
    """The program of that build; ends with 77 where a tool is missing."""
    vitrine = os.path.join(build, 'vitrine')
    if not os.path.exists(vitrine):
        sys.exit(f'{vitrine} is not there; build first, or name the directory with --build')
    for tool in tools:
        if not shutil.which(tool):
            print(f'skipped: {tool} is not installed')
            sys.exit(77)
    return vitrine


def assemble(source, out, *options):
    sh('nasm', '-f', 'bin', '-I', os.path.dirname(source) + '/', *options, '-o', out, source)
    with open(out, 'rb') as f:
        return f.read()


def compiled(name, out):
    """The code of a kernel of bare/."""
    binary, elf = (os.path.join(out, name + s) for s in ('.bin', '.elf'))
    if name == 'dos':
        return assemble(os.path.join(BARE, 'dos.asm'), binary)
    sources = [os.path.join(BARE, f) for f in ('start.c', name + '.c')]
    sh('gcc', '-m32', '-march=pentium2', '-O2', '-std=gnu17', '-Wall', '-Wextra', '-ffreestanding', '-fno-pic', '-fno-pie',
       '-fno-stack-protector', '-fcf-protection=none', '-fno-asynchronous-unwind-tables', '-fno-tree-loop-distribute-patterns',
       '-mno-mmx', '-nostdlib', '-static', '-no-pie', '-Wl,--build-id=none', '-Wl,-z,norelro', '-Wl,-N', '-Wl,--no-warn-rwx-segments',
       '-Wl,-T,' + os.path.join(BARE, 'kernel.ld'), '-o', elf, *sources)
    sh('objcopy', '-O', 'binary', elf, binary)
    with open(binary, 'rb') as f:
        return f.read()


def image_of(kernel, out, real=False):
    """The floppy image of a kernel, one round."""
    sectors = (len(kernel) + SECTOR - 1) // SECTOR
    boot = assemble(os.path.join(BARE, 'boot.asm'), os.path.join(out, 'boot.bin'), f'-DSECTORS={sectors}', *(['-DREAL'] if real else []))
    return boot + kernel + bytes(FLOPPY - len(boot) - len(kernel))


def with_scale(image, scale, path):
    with open(path, 'wb') as f:
        f.write(image[:SCALE_AT] + struct.pack('<I', scale) + image[SCALE_AT + 4:])
    return path


def rom_of(kernel, scale, path, real=False):
    """The kernel as a machine's only firmware, which spares it the way from reset to a boot sector."""
    binary = os.path.join(os.path.dirname(path), 'kernel.bin')
    with open(binary, 'wb') as f:
        f.write(kernel)
    assemble(os.path.join(BARE, 'rom.asm'), path, f'-DKERNEL="{binary}"', f'-DSCALE={scale}', *(['-DREAL'] if real else []))
    return path


QUIET = ['-display', 'none', '-serial', 'none', '-debugcon', 'stdio', '-clock', 'virtual']


def command(machine, floppy, vitrine, work, megabytes=32, resets=False):
    """argv that starts a machine from that floppy. resets: a reset does not end it."""
    if machine == 'vitrine':
        return [vitrine, *QUIET, *([] if resets else ['-no-reboot']), '-m', str(megabytes), '-fda', floppy]
    if machine == 'qemu':
        return ['qemu-system-i386', '-accel', 'tcg', '-cpu', 'pentium2', '-m', str(megabytes), '-display', 'none', '-net', 'none',
                *([] if resets else ['-no-reboot']), '-debugcon', 'stdio', '-device', 'isa-debug-exit',
                '-drive', f'file={floppy},format=raw,if=floppy']
    return peers.bochs_command(work, f'''megs: {megabytes}
floppya: 1_44={floppy}, status=inserted
boot: floppy
port_e9_hack: enabled=1
''')


class Result:
    """seconds: of processor time between the marks; before: until the first. operations: None where the kernel does not say."""

    def __init__(self, begin, end, m):
        self.before, self.seconds, self.sum = begin, end - begin, m.group(1)
        self.ticks, self.operations = int(m.group(2), 16), int(m.group(3), 16) if m.group(3) else None


def measure(argv, timeout=TIMEOUT):
    """What a run gave; None where it did not reach its end."""
    run, begin = peers.Run(argv), None
    try:
        for line, now in run.lines(timeout):
            if '@begin' in line:
                begin = now
            if (m := END.search(line)) and begin is not None:
                return Result(begin, now, m)
    finally:
        run.close()
    return None

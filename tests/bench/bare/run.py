#!/usr/bin/env python3
"""Bare-metal benchmark kernels: instructions per second on Vitrine, QEMU and Bochs, and Vitrine's host instructions per
guest instruction under callgrind.

  run.py [--build DIR] [--only NAME,...] [--peers none|qemu|bochs|all] [--callgrind] [--runs N] [--images DIR]

Kernels are timed from outside, between the begin and end marks on port E9, in processor time of the machine's process. The
instruction count is the time-stamp counter's on Vitrine's virtual clock (a tick an instruction, and an iteration of REP), so
every machine is charged with the same work; the checksums must agree.
Needs gcc with -m32, nasm, binutils; callgrind needs valgrind. What is missing is said and left out."""
import argparse, os, re, shutil, statistics, struct, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True
import peers

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
SECTOR, FLOPPY = 512, 1474560
SCALE_AT = 0x1f0
# name: (scale of a timed run, scales of the two callgrind runs whose difference counts, what it is)
KERNELS = {
    'mix': (500, 10, 30, 'integer mix: list, matrix, state machine, CRC'),
    'sha256': (400, 4, 12, 'SHA-256'),
    'sieve': (30, 1, 2, 'sieve of Eratosthenes'),
    'bytecode': (400, 4, 12, 'bytecode interpreter, indirect jumps'),
    'fib': (250, 4, 12, 'recursive calls'),
    'fp': (8000, 100, 300, 'x87 in double precision'),
    'rep': (600, 10, 30, 'REP strings'),
    'dos': (4000, 400, 1200, '16-bit code and data in one page'),
}
TIMEOUT = 300


def sh(*args):
    subprocess.run(args, check=True)


def build(name, out):
    """The floppy image, scale left at 1."""
    binary, elf, boot = (os.path.join(out, name + s) for s in ('.bin', '.elf', '.boot'))
    if name == 'dos':
        sh('nasm', '-f', 'bin', '-o', binary, os.path.join(HERE, 'dos.asm'))
    else:
        sources = [os.path.join(HERE, f) for f in ('start.c', name + '.c')]
        sh('gcc', '-m32', '-march=pentium2', '-O2', '-std=gnu17', '-Wall', '-Wextra', '-ffreestanding', '-fno-pic', '-fno-pie',
           '-fno-stack-protector', '-fcf-protection=none', '-fno-asynchronous-unwind-tables', '-fno-tree-loop-distribute-patterns',
           '-mno-mmx', '-nostdlib', '-static', '-no-pie', '-Wl,--build-id=none', '-Wl,-z,norelro', '-Wl,-N', '-Wl,--no-warn-rwx-segments',
           '-Wl,-T,' + os.path.join(HERE, 'kernel.ld'), '-o', elf, *sources)
        sh('objcopy', '-O', 'binary', elf, binary)
    with open(binary, 'rb') as f:
        kernel = f.read()
    sectors = (len(kernel) + SECTOR - 1) // SECTOR
    sh('nasm', '-f', 'bin', f'-DSECTORS={sectors}', *(['-DREAL'] if name == 'dos' else []), '-o', boot,
       os.path.join(HERE, 'boot.asm'))
    with open(boot, 'rb') as f:
        image = f.read() + kernel
    return image + bytes(FLOPPY - len(image))


def with_scale(image, scale, path):
    with open(path, 'wb') as f:
        f.write(image[:SCALE_AT] + struct.pack('<I', scale) + image[SCALE_AT + 4:])
    return path


def command(machine, floppy, vitrine, work):
    if machine == 'vitrine':
        return [vitrine, '-display', 'none', '-serial', 'none', '-debugcon', 'stdio', '-clock', 'virtual', '-no-reboot', '-m', '16',
                '-fda', floppy]
    if machine == 'qemu':
        return ['qemu-system-i386', '-accel', 'tcg', '-cpu', 'pentium2', '-m', '16', '-display', 'none', '-net', 'none', '-no-reboot',
                '-debugcon', 'stdio', '-device', 'isa-debug-exit', '-drive', f'file={floppy},format=raw,if=floppy']
    return peers.bochs_command(work, f'''megs: 32
floppya: 1_44={floppy}, status=inserted
boot: floppy
port_e9_hack: enabled=1
''')


def measure(argv):
    """Processor seconds between the marks, the checksum, the instruction count; None where it did not reach its end."""
    run, begin = peers.Run(argv), None
    try:
        for line, now in run.lines(TIMEOUT):
            m = re.search(r'@end ([0-9a-f]{8}) ([0-9a-f]{16})', line)
            if m:
                return now - begin, m.group(1), int(m.group(2), 16)
            if '@begin' in line:
                begin = now
    finally:
        run.close()
    return None


def callgrind_count(vitrine, floppy, work):
    out = os.path.join(work, 'callgrind.out')
    argv = ['valgrind', '--tool=callgrind', f'--callgrind-out-file={out}', *command('vitrine', floppy, vitrine, work), '-sandbox', 'off']
    text = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=600)
    m = re.search(rb'Collected : (\d+)', text.stderr)
    e = re.search(rb'@end [0-9a-f]{8} ([0-9a-f]{16})', text.stdout)
    return (int(m.group(1)), int(e.group(1), 16)) if m and e else None


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--build', default=os.path.join(ROOT, 'build'))
    ap.add_argument('--only', default='')
    ap.add_argument('--peers', default='all', choices=['none', 'qemu', 'bochs', 'all'])
    ap.add_argument('--callgrind', action='store_true')
    ap.add_argument('--runs', type=int, default=3)
    ap.add_argument('--images', help='keep the floppy images there')
    args = ap.parse_args()
    vitrine = os.path.join(args.build, 'vitrine')
    if not os.path.exists(vitrine):
        sys.exit(f'{vitrine} is not there; build first, or name the directory with --build')
    for tool in ('gcc', 'nasm', 'objcopy'):
        if not shutil.which(tool):
            print(f'skipped: {tool} is not installed')
            sys.exit(77)
    machines = peers.machines(args.peers)
    names = args.only.split(',') if args.only else list(KERNELS)
    print(f'{"kernel":9} {"M insns":>8} ' + ' '.join(f'{m + " MIPS":>13}' for m in machines)
          + ''.join(f' {"us/" + m:>9}' for m in machines[1:]) + ('  host insns/insn' if args.callgrind else ''))
    failed = False
    with tempfile.TemporaryDirectory() as work:
        for name in names:
            scale, small, large, title = KERNELS[name]
            image = build(name, work)
            if args.images:
                os.makedirs(args.images, exist_ok=True)
                with_scale(image, scale, os.path.join(args.images, name + '.img'))
            floppy = with_scale(image, scale, os.path.join(work, name + '.img'))
            took, sums, count = {m: [] for m in machines}, set(), None
            for _ in range(args.runs):          # interleaved, so that a busy host hits all alike
                for m in machines:
                    r = measure(command(m, floppy, vitrine, work))
                    if r:
                        took[m].append(r[0])
                        sums.add(r[1])
                        if m == 'vitrine':
                            count = r[2]
            if len(sums) > 1 or not count:
                print(f'{name:9} FAILED: ' + ('checksums differ: ' + ' '.join(sorted(sums)) if len(sums) > 1 else 'no end mark'))
                failed = True
                continue
            mips = {m: count / statistics.median(t) / 1e6 if t else None for m, t in took.items()}
            line = f'{name:9} {count / 1e6:8.1f} ' + ' '.join(f'{mips[m]:13.0f}' if mips[m] else f'{"-":>13}' for m in machines)
            line += ''.join(f' {mips["vitrine"] / mips[m]:9.2f}' if mips[m] else f' {"-":>9}' for m in machines[1:])
            if args.callgrind and shutil.which('valgrind'):
                a = callgrind_count(vitrine, with_scale(image, small, floppy), work)
                b = callgrind_count(vitrine, with_scale(image, large, floppy), work)
                line += f'  {(b[0] - a[0]) / (b[1] - a[1]):.1f}' if a and b else '  -'
            print(line + f'   {title}', flush=True)
    sys.exit(failed)


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
"""Bare-metal benchmark kernels: instructions per second on Vitrine, QEMU and Bochs, and Vitrine's host instructions per
guest instruction under callgrind.

  run.py [--build DIR] [--only NAME,...] [--peers none|qemu|bochs|all] [--callgrind] [--runs N] [--images DIR] [--json FILE]

Kernels are timed from outside, between the begin and end marks on port E9, in processor time of the machine's process. The
instruction count is the time-stamp counter's on Vitrine's virtual clock (a tick an instruction, and an iteration of REP), so
every machine is charged with the same work; the checksums must agree.
Needs gcc with -m32, nasm, binutils; callgrind needs valgrind. What is missing is said and left out."""
import argparse, json, os, shutil, statistics, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True
import callgrind, floppy as disk, peers

# name: (scale of a timed run, scales of the two callgrind runs whose difference counts, what it is)
KERNELS = {
    'mix': (500, 10, 30, 'integer mix: list, matrix, state machine, CRC'),
    'sha256': (400, 4, 12, 'SHA-256'),
    'wide': (100, 1, 3, '64-bit arithmetic by 32-bit code'),
    'sieve': (30, 1, 2, 'sieve of Eratosthenes'),
    'bytecode': (400, 4, 12, 'bytecode interpreter, indirect jumps'),
    'fib': (250, 4, 12, 'recursive calls'),
    'fp': (8000, 100, 300, 'x87 in double precision'),
    'rep': (600, 10, 30, 'REP strings'),
    'dos': (4000, 400, 1200, '16-bit code and data in one page'),
}


def counted(name, vitrine, work, options=()):
    """Host instructions per guest instruction: of two runs by firmware of our own, what the longer has more."""
    kernel, (_, small, large, _) = disk.compiled(name, work), KERNELS[name]
    runs = [callgrind.from_rom(kernel, scale, vitrine, work, real=name == 'dos', options=options) for scale in (small, large)]
    if None in runs:
        return None
    (host0, end0), (host1, end1) = runs
    return (host1 - host0) / (int(end1.group(2), 16) - int(end0.group(2), 16))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--build', default=os.path.join(disk.ROOT, 'build'))
    ap.add_argument('--only', default='')
    ap.add_argument('--peers', default='all', choices=['none', 'qemu', 'bochs', 'all'])
    ap.add_argument('--callgrind', action='store_true')
    ap.add_argument('--runs', type=int, default=3)
    ap.add_argument('--images', help='keep the floppy images there')
    ap.add_argument('--json', help='the figures go there, too')
    args = ap.parse_args()
    vitrine = disk.need(args.build, 'gcc', 'nasm', 'objcopy')
    machines = peers.machines(args.peers)
    names = args.only.split(',') if args.only else list(KERNELS)
    print(f'{"kernel":9} {"M insns":>8} ' + ' '.join(f'{m + " MIPS":>13}' for m in machines)
          + ''.join(f' {"us/" + m:>9}' for m in machines[1:]) + ('  host insns/insn' if args.callgrind else ''))
    failed, rows = False, []
    with tempfile.TemporaryDirectory() as work:
        for name in names:
            scale, small, large, title = KERNELS[name]
            image = disk.image_of(disk.compiled(name, work), work, name == 'dos')
            if args.images:
                os.makedirs(args.images, exist_ok=True)
                disk.with_scale(image, scale, os.path.join(args.images, name + '.img'))
            floppy = disk.with_scale(image, scale, os.path.join(work, name + '.img'))
            took, sums, count = {m: [] for m in machines}, set(), None
            for _ in range(args.runs):          # interleaved, so that a busy host hits all alike
                for m in machines:
                    r = disk.measure(disk.command(m, floppy, vitrine, work))
                    if r:
                        took[m].append(r.seconds)
                        sums.add(r.sum)
                        if m == 'vitrine':
                            count = r.ticks
            if len(sums) > 1 or not count:
                print(f'{name:9} FAILED: ' + ('checksums differ: ' + ' '.join(sorted(sums)) if len(sums) > 1 else 'no end mark'))
                failed = True
                continue
            mips = {m: count / statistics.median(t) / 1e6 if t else None for m, t in took.items()}
            line = f'{name:9} {count / 1e6:8.1f} ' + ' '.join(f'{mips[m]:13.0f}' if mips[m] else f'{"-":>13}' for m in machines)
            line += ''.join(f' {mips["vitrine"] / mips[m]:9.2f}' if mips[m] else f' {"-":>9}' for m in machines[1:])
            per_insn = counted(name, vitrine, work) if args.callgrind and shutil.which('valgrind') else None
            if args.callgrind:
                line += f'  {per_insn:.1f}' if per_insn else '  -'
            rows.append({'name': name, 'what': title, 'mips': mips, 'count': per_insn})
            print(line + f'   {title}', flush=True)
    if args.json:
        with open(args.json, 'w') as f:
            json.dump({'machines': machines, 'rows': rows}, f, indent=1)
    sys.exit(failed)


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
"""The costs between: what a fault, a change of rings, a device, a miss of a TLB or code that nobody decoded yet cost, in nanoseconds
an operation on Vitrine, QEMU and Bochs, and in host instructions on Vitrine under callgrind.

  run.py [--build DIR] [--only NAME,...] [--peers none|qemu|bochs|all] [--callgrind] [--runs N] [--images DIR] [--json FILE]

An operation is what the row says, there and back, with the loop around it. Time is the processor time of the machine's process between
the marks on port E9. A first, short run is the same on every machine, and its checksums must agree; by its time each machine gets
as many rounds as take it about --seconds, of which the median of --runs interleaved runs is printed.
Needs nasm; callgrind needs valgrind. What is missing is said and left out."""
import argparse, json, os, shutil, statistics, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True
import callgrind, floppy as disk, peers

MEGABYTES = 128
# name: (source and its defines, rounds of the first run, most rounds, what an operation is)
COSTS = {
    'fault': (['fault'], 5, None, '#PF at CPL 3, IRET behind the instruction'),
    'demand': (['demand'], 5, None, '#PF at CPL 3 whose handler makes the page present, and the access again'),
    'int': (['int'], 5, None, 'INT from CPL 3 to 0, IRET'),
    'int0': (['int', 'RING0'], 5, None, 'INT within CPL 0, IRET'),
    'sysenter': (['sysenter'], 10, None, 'SYSENTER, SYSEXIT'),
    'task': (['task'], 5, None, 'task switch: JMP to a TSS'),
    'in': (['port'], 10, None, 'IN AL, 21h'),
    'out': (['port', 'WRITE'], 10, None, 'OUT 80h, AL'),
    'mmio': (['mmio'], 10, None, 'load from the I/O APIC'),
    'text': (['mmio', 'TEXT'], 10, None, 'store to the text screen'),
    'rdtsc': (['rdtsc'], 20, None, 'RDTSC'),
    'cr3': (['cr3', 'PAGES=1'], 20, None, 'MOV CR3, load from 1 page'),
    'cr3-16': (['cr3', 'PAGES=16'], 10, None, 'MOV CR3, loads from 16 pages'),
    'invlpg': (['invlpg'], 10, None, 'INVLPG, load from that page'),
    **{f'chase-{n}': (['chase', f'MEGABYTES={n}'], 20, None, f'load of a pointer, random in {n} MB')
       for n in (1, 2, 4, 8, 16, 32, 64)},
    'x87-load': (['x87', 'WHAT=LOAD'], 20, None, 'FLD, FSTP of 64 bits'),
    'x87-add': (['x87', 'WHAT=ADD'], 20, None, 'FADD ST0, ST1'),
    'x87-sine': (['x87', 'WHAT=SINE'], 5, None, 'FLD of 64 bits, FSIN, FSTP ST0'),
    **{name.lower(): (['string', f'WHAT={name}'], 20, None, f'{name}D') for name in ('LODS', 'STOS', 'MOVS')},
    **{f'{name.lower()}-{n}': (['string', f'WHAT={name}', f'BYTES={n}'], 20, None, f'{n} bytes by REP {insn}')
       for name, insn in (('COPY', 'MOVSD'), ('FILL', 'STOSD')) for n in (4, 16, 64)},
    'smc': (['smc'], 5, None, 'the next instruction written, then executed'),
    'once': (['once'], 4, 100, 'an instruction of code that is executed once'),
    'blocks': (['blocks'], 20, None, 'a block of 5 instructions of 20,000 in random order, direct jumps'),
    'blocks-any': (['blocks', 'INDIRECT'], 20, None, 'a block of 8 instructions of 20,000, to any by an indirect jump'),
    'reset': (['reset'], 2, None, 'reset, firmware, boot sector, kernel'),
}
FORGETS = ('x87-sine',)     # its results are not the same everywhere
START = 'start'             # a row of its own: reset's time before the first mark


def build(name, work):
    source, *defines = COSTS[name][0]
    return disk.assemble(os.path.join(HERE, 'frame.asm'), os.path.join(work, name + '.bin'), f'-DCOST="{source}.asm"',
                         *('-D' + d for d in defines))


def run_once(machine, name, image, scale, vitrine, work):
    floppy = disk.with_scale(image, scale, os.path.join(work, f'{name}.img'))
    return disk.measure(disk.command(machine, floppy, vitrine, work, MEGABYTES, resets=name == 'reset'))


def measure(name, machines, args, vitrine, work):
    """{machine: [nanoseconds an operation, ...]}, {machine: [nanoseconds before the first mark]}, do the checksums agree?"""
    _, rounds, most, _ = COSTS[name]
    image = disk.image_of(build(name, work), work)
    took, before, sums, scale = {m: [] for m in machines}, {m: [] for m in machines}, set(), {}
    if args.images:
        os.makedirs(args.images, exist_ok=True)
        disk.with_scale(image, rounds, os.path.join(args.images, name + '.img'))
    for m in machines:
        r = run_once(m, name, image, rounds, vitrine, work)
        if r:
            sums.add(r.sum)
            scale[m] = max(1, min(int(rounds * args.seconds / max(r.seconds, 0.001)), most or 1 << 24))
    for _ in range(args.runs):                  # interleaved, so that a busy host hits all alike
        for m in scale:
            r = run_once(m, name, image, scale[m], vitrine, work)
            if r:
                took[m].append(r.seconds / r.operations * 1e9)
                before[m].append(r.before * 1e9)
    return took, before, len(sums) == 1 or name in FORGETS


def counted(name, vitrine, work, options=()):
    """Host instructions an operation: of two runs by firmware of our own, what the longer has more."""
    kernel, (_, rounds, _, _) = build(name, work), COSTS[name]
    got = []
    for scale in (max(1, rounds // 4), max(1, rounds // 4) * 2):
        r = callgrind.from_rom(kernel, scale, vitrine, work, MEGABYTES, options=options)
        if not r:
            return None
        got.append((r[0], int(r[1].group(3), 16)))
    return (got[1][0] - got[0][0]) / (got[1][1] - got[0][1])


def figure(ns):
    return f'{ns:.1f}' if ns < 100 else f'{ns:.0f}' if ns < 1e5 else f'{ns / 1e6:.0f} ms'


def show(name, title, ns, count, machines, args):
    """One row; ns: {machine: median}."""
    us = ns.get('vitrine')
    line = f'{name:11}' + ''.join(f' {figure(ns[m]) if m in ns else "-":>10}' for m in machines)
    line += ''.join(f' {us / ns[m]:9.2f}' if us and m in ns else f' {"-":>9}' for m in machines[1:])
    if args.callgrind:
        line += f' {count:10.0f}' if count else f' {"-":>10}'
    print(line + '  ' + title, flush=True)
    return {'name': name, 'what': title, 'ns': ns, 'count': count}


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--build', default=os.path.join(disk.ROOT, 'build'))
    ap.add_argument('--only', default='')
    ap.add_argument('--peers', default='all', choices=['none', 'qemu', 'bochs', 'all'])
    ap.add_argument('--callgrind', action='store_true')
    ap.add_argument('--runs', type=int, default=3)
    ap.add_argument('--seconds', type=float, default=0.5)
    ap.add_argument('--images', help='keep the floppy images there')
    ap.add_argument('--json', help='the figures go there, too')
    args = ap.parse_args()
    names = args.only.split(',') if args.only else list(COSTS)
    if unknown := [n for n in names if n not in COSTS]:
        sys.exit(f'there is no cost {unknown[0]}; there are: ' + ' '.join(COSTS))
    vitrine = disk.need(args.build, 'nasm', 'objcopy')
    machines, rows, failed = peers.machines(args.peers), [], False
    if args.callgrind and not shutil.which('valgrind'):
        print('valgrind is not installed: no host instructions')
        args.callgrind = False
    print(f'{"ns":11}' + ''.join(f' {m:>10}' for m in machines) + ''.join(f' {"us/" + m:>9}' for m in machines[1:])
          + (f' {"host insns":>10}' if args.callgrind else ''))
    for name in names:
        with tempfile.TemporaryDirectory() as work:
            took, before, agree = measure(name, machines, args, vitrine, work)
            count = counted(name, vitrine, work) if args.callgrind and name != 'reset' else None
        for m in machines:
            if not took[m]:
                print(f'{name}: {m} did not reach its end')
        if not agree:
            print(f'{name}: the checksums differ')
        failed |= not agree or not took['vitrine']
        rows.append(show(name, COSTS[name][3], {m: statistics.median(t) for m, t in took.items() if t}, count, machines, args))
        if name == 'reset':
            rows.append(show(START, 'the same from the start of the program', {m: statistics.median(t) for m, t in before.items() if t}, None,
                             machines, args))
    if args.json:
        with open(args.json, 'w') as f:
            json.dump({'machines': machines, 'rows': rows}, f, indent=1)
    sys.exit(failed)


if __name__ == '__main__':
    main()

"""power.py - what is left of a disk when the power goes: the writes and flushes of one run are recorded, and the file at any moment
is made again from them. After kill -9 that is all that was written; after a power cut at worst what was on the host's disk at the
last fsync, and of the rest any part."""
import os, random, re, shlex, struct, subprocess
from common import SECTOR, SECTORS, Result, Skipped, promised

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def records(path):
    """(kind, offset, data or length) in the order of the calls."""
    data, at = open(path, 'rb').read(), 0
    while at + 17 <= len(data):
        kind, offset, n = chr(data[at]), *struct.unpack_from('=QQ', data, at + 1)
        at += 17
        yield kind, offset, data[at:at + n] if kind in 'wo' else b''
        at += n if kind in 'wo' else 0


class Disk:
    """A file as the program sees it, what of it is on the host's disk for sure, and what is under way."""

    def __init__(self, content):
        self.now, self.durable, self.under_way = bytearray(content), bytearray(content), []

    def take(self, kind, offset, data):
        if kind == 't':
            for c in (self.now, self.durable):
                c.extend(bytes(max(0, offset - len(c))))
        elif kind == 'w':
            self.now.extend(bytes(max(0, offset + len(data) - len(self.now))))
            self.now[offset:offset + len(data)] = data
            self.under_way.append((offset, data))
        elif kind == 's':
            self.durable, self.under_way = bytearray(self.now), []

    def after_cut(self, rng):
        """What is flushed, and some of the sectors of what is not."""
        disk = bytearray(self.durable)
        for offset, data in self.under_way:
            for at in range(0, len(data), SECTOR):
                if rng.random() < .5:
                    disk.extend(bytes(max(0, offset + at + SECTOR - len(disk))))
                    disk[offset + at:offset + at + len(data[at:at + SECTOR])] = data[at:at + SECTOR]
        return bytes(disk)


def guest_cuts(bench):
    """Power cuts and kills at every write and flush of a guest that says what it has flushed."""
    trace, disk = os.path.join(bench.folder, 'trace'), os.path.join(bench.folder, 'disk.img')
    bench.disk()
    bench.disk_run(FAULTS_TRACE=trace, FAULTS_IMAGE=disk)
    model, said, rng, moments = Disk(bytes(SECTORS * SECTOR)), b'', random.Random(1), 0
    for kind, offset, data in records(trace):
        if kind == 'o':
            said += data
            continue
        model.take(kind, offset, data)
        for what, image in (('kill -9', bytes(model.now)), ('power cut, all else lost', bytes(model.durable)),
                            ('power cut', model.after_cut(rng))):
            bench.promise('%s at event %d' % (what, moments), Result(1, '', image, said))
        moments += 1
    bench.runs += 3 * moments
    bench.need(moments > 25 and promised(Result(1, '', b'', said).log)[8][0] == 0x38, 'trace', 'only %d events' % moments)


def moments_of(count, bench):
    wanted = 100 if bench.full else 12
    return {int(count * (k + 1) / (wanted + 1)) for k in range(wanted)}


JOB = r'''
/bin/mke2fs -q -F -t ext4 /dev/sda || exit 1
mkdir -p /mnt/a && mount -t ext4 /dev/sda /mnt/a || exit 2
for n in 1 2 3 4 5 6 7 8; do
    head -c 200000 /bin/busybox >/mnt/a/f$n && sync && echo "synced $n" || exit 3
done
umount /mnt/a
echo "synced 9"
'''


def linux_run(bench, disk, trace):
    job = os.path.join(bench.folder, 'linux-job')
    open(job, 'w').write(JOB)
    script = '. "$SOURCE/tests/boot/lib.sh"\n. "$SOURCE/tests/boot/linux-lib"\n'
    script += 'vitrine() { LD_PRELOAD=%s FAULTS_TRACE=%s FAULTS_IMAGE=%s "$VITRINE" -display none -clock virtual -timeout 900 "$@"; }\n' % (
        tuple(map(shlex.quote, (bench.library, trace, disk))))
    script += 'linux_job ata_piix,sd_mod,crc32c_generic,ext4 -hda %s,format=raw <%s\nlinux_said "job ends: good"\n' % (shlex.quote(disk), shlex.quote(job))
    p = subprocess.run(['sh', '-c', script, os.path.join(ROOT, 'tests/boot/x')], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       env=dict(os.environ, VITRINE=bench.program, SOURCE=ROOT, PATH=os.environ['PATH'] + ':/sbin:/usr/sbin'))
    text = p.stdout.decode('latin-1')
    if p.returncode == 77:
        raise Skipped(text.strip().split('\n')[-1])
    bench.need(p.returncode == 0, 'Linux', 'the job ended with %d: %s' % (p.returncode, text[-400:]))


def check_ext4(bench, what, image, synced):
    path = os.path.join(bench.folder, 'cut.img')
    open(path, 'wb').write(image)
    p = subprocess.run(['/sbin/e2fsck', '-fy', path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    bench.need(p.returncode in (0, 1), what, 'e2fsck ends with %d: %s' % (p.returncode, p.stdout[-300:].decode('latin-1')))
    for n in range(1, min(synced, 8) + 1):
        got = subprocess.run(['/sbin/debugfs', '-R', 'cat /f%d' % n, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        bench.need(len(got) == 200000, what, 'file %d was synced, and has %d bytes' % (n, len(got)))


def linux_cuts(bench):
    """Linux with a journal loses its power: the file system is whole, and what was synced is there (--full)."""
    if not bench.full:
        raise Skipped('takes minutes; --full')
    for tool in ('/sbin/e2fsck', '/sbin/debugfs'):
        if not os.path.exists(tool):
            raise Skipped('no ' + tool)
    disk, trace = bench.disk('linux.img', 32 << 11), os.path.join(bench.folder, 'linux.trace')
    linux_run(bench, disk, trace)
    events = list(records(trace))
    at, said = [], b''
    for k, (kind, _, data) in enumerate(events):
        said += data if kind == 'o' else b''
        if kind != 'o' and b'synced 1' in said:             # before the first sync there is no file system yet
            at.append(k)
    bench.need(len(at) > 100, 'Linux', 'only %d events behind the first sync' % len(at))
    wanted = {at[m] for m in moments_of(len(at), bench)}
    model, said, rng = Disk(bytes(32 << 20)), b'', random.Random(2)
    for k, (kind, offset, data) in enumerate(events):
        if kind == 'o':
            said += data
            continue
        model.take(kind, offset, data)
        synced = [int(n) for n in re.findall(rb'synced ([0-9]+)', said)]
        if k not in wanted:
            continue
        bench.runs += 2
        check_ext4(bench, 'kill -9 at event %d' % k, bytes(model.now), max(synced))
        check_ext4(bench, 'power cut at event %d' % k, model.after_cut(rng), max(synced))


def dos_disk(bench):
    """A FAT disk of 4 MB with one partition."""
    disk = bench.disk('dos.img', 130 * 63)
    env = dict(os.environ, PATH=os.environ['PATH'] + ':/sbin:/usr/sbin')
    subprocess.run(['sfdisk', '-q', disk], input=b'label: dos\nstart=63, type=1, bootable\n', check=True, env=env)
    subprocess.run(['mformat', '-i', disk + '@@32256', '-T', str(129 * 63), '-h', '2', '-s', '63', '-H', '63'], check=True, env=env)
    return disk


def dos_cuts(bench):
    """kill -9 under FreeDOS at a hundred moments: the files that were copied by then are whole."""
    floppy = os.path.join(os.environ.get('VITRINE_GUESTS', os.path.join(ROOT, '../shared/guests')), 'freedos-1440K.img')
    for what in (floppy, '/usr/bin/mformat', '/sbin/sfdisk'):
        if not os.path.exists(what):
            raise Skipped('%s is missing' % what)
    disk, trace, steps = dos_disk(bench), os.path.join(bench.folder, 'dos.trace'), []
    before, copy = open(disk, 'rb').read(), os.path.join(bench.folder, 'dos-floppy.img')
    open(copy, 'wb').write(open(floppy, 'rb').read())
    for n in range(1, 7):
        steps += ['-send', r'copy a:\\kernel.sys c:\\k%d.sys\n' % n, '-expect', 'k%d.sys' % n, '-send', r'echo done%d>com1\n' % n]
    code, said = bench.run(['-fda', copy, '-hda', disk + ',format=raw', '-boot', 'a',
                            '-m', '16', '-display', 'none', '-serial', 'file:' + os.path.join(bench.folder, 'serial'), '-timeout', '400',
                            '-expect', 'A:\\>'] + steps + ['-wait', '5s'], timeout=420,
                           env=bench.env(LD_PRELOAD=bench.library, FAULTS_TRACE=trace, FAULTS_IMAGE=disk))
    bench.need(code == 0, 'FreeDOS', 'exit code %s: %s' % (code, said[-300:]))
    kernel = subprocess.run(['mtype', '-i', floppy, '::kernel.sys'], stdout=subprocess.PIPE).stdout
    events, model, serial = list(records(trace)), Disk(before), b''
    at = [k for k, e in enumerate(events) if e[0] != 'o']
    wanted = {at[m] for m in moments_of(len(at), bench)}
    for k, (kind, offset, data) in enumerate(events):
        if kind == 'o':
            serial += data
            continue
        model.take(kind, offset, data)
        if k not in wanted:
            continue
        bench.runs += 1
        cut = os.path.join(bench.folder, 'cut.img')
        open(cut, 'wb').write(model.now)
        for n in re.findall(rb'done([0-9])', serial):
            got = subprocess.run(['mtype', '-i', cut + '@@32256', '::k%s.sys' % n.decode()], stdout=subprocess.PIPE).stdout
            bench.need(got == kernel, 'kill -9 at event %d' % k, 'k%s.sys was copied, and is not whole' % n.decode())
    bench.need(b'done6' in serial, 'FreeDOS', 'the serial line does not say done6: %r' % serial[-80:])


CASES = {'cuts': guest_cuts, 'dos-cuts': dos_cuts, 'linux-cuts': linux_cuts}

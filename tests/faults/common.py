"""common.py - what the cases share: the program with the preloaded library, a guest that writes and flushes, its promise."""
import os, re, shutil, subprocess

SECTOR, SECTORS = 512, 128
HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT = 60              # seconds of the host, generous: what does not end by then hangs


class Skipped(Exception):
    pass


class Result:
    """How a run ended: exit code (negative: signal), what it said, the image, the guest's tokens in order."""

    def __init__(self, code, said, image, debug):
        self.code, self.said, self.image = code, said, image
        self.log = [(m[0:1].decode(), int(m[1:], 16)) for m in re.findall(rb'[wWfF][0-9]{2}', debug)]
        self.tokens = [kind for kind, _ in self.log]


class Bench:
    def __init__(self, build, folder, full):
        self.build, self.folder, self.full = build, folder, full
        self.program = os.path.join(build, 'vitrine')
        self.runs, self.broken, self.case = 0, [], ''
        for tool in ('gcc', 'nasm'):
            if not shutil.which(tool):
                raise Skipped('no ' + tool)
        self.library = os.path.join(folder, 'faults.so')
        subprocess.run(['gcc', '-shared', '-fPIC', '-O1', '-o', self.library, os.path.join(HERE, 'faults.c')], check=True)
        self.guest = os.path.join(folder, 'guest.img')
        subprocess.run(['nasm', '-f', 'bin', '-o', self.guest, os.path.join(HERE, 'disk.asm')], check=True)

    def need(self, good, fault, what, r=None):
        if good:
            return
        self.broken.append((self.case, fault, what))
        print('BROKEN %s, %s: %s' % (self.case, fault, what), flush=True)
        if r and r.said:
            print('    it said: ' + r.said.strip()[-300:].replace('\n', '\n    '))

    def env(self, **more):
        e = dict(os.environ, LC_ALL='C')
        e.update({k: v for k, v in more.items() if v is not None})
        return e

    def run(self, arguments, env=None, timeout=LIMIT, **more):
        """The program; a Result without image, code None when it had to be killed."""
        self.runs += 1
        more.setdefault('stdin', subprocess.DEVNULL)
        try:
            p = subprocess.run([self.program] + arguments, env=env or self.env(), timeout=timeout, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, **more)
            return p.returncode, p.stdout.decode('latin-1')
        except subprocess.TimeoutExpired as e:
            return None, (e.stdout or b'').decode('latin-1')

    def disk(self, name='disk.img', sectors=SECTORS):
        path = os.path.join(self.folder, name)
        with open(path, 'wb') as f:
            f.truncate(sectors * SECTOR)
        return path

    def disk_arguments(self, disk):
        return [self.guest, '-boot', 'a', '-hda', disk + ',format=raw', '-m', '4', '-display', 'none', '-timeout', str(LIMIT // 2),
                '-debugcon', 'file:' + os.path.join(self.folder, 'debug'), '-screendump', os.path.join(self.folder, 'screen.png'),
                '-report', os.path.join(self.folder, 'report.json')]

    def disk_run(self, fault=None, arguments=(), **env):
        disk, debug = self.disk(), os.path.join(self.folder, 'debug')
        if os.path.exists(debug):
            os.remove(debug)
        code, said = self.run(self.disk_arguments(disk) + list(arguments),
                              env=self.env(LD_PRELOAD=self.library, FAULTS=fault, **env))
        if code is None:
            self.need(False, fault or 'no fault', 'it did not end within %d s' % LIMIT)
            code = 4
        return Result(code, said, open(disk, 'rb').read(), open(debug, 'rb').read() if os.path.exists(debug) else b'')

    def count_calls(self):
        """How often each call is made in a run without a fault, which is checked to be whole."""
        path = os.path.join(self.folder, 'count')
        r = self.disk_run(arguments=['-sandbox', 'off'], FAULTS_COUNT=path)   # the counts are written when no file can be opened
        self.need(r.code == 1 and len(r.log) == 30 and not {'W', 'F'} & set(r.tokens), 'no fault', 'exit code %d, %d tokens' %
                  (r.code, len(r.log)), r)
        self.promise('no fault', r)
        return {name: int(n) for name, n in (line.split() for line in open(path))}

    def promise(self, fault, r):
        """What the guest was told to be flushed is in the image, and no sector is half old, half new."""
        for sector, (least, most) in promised(r.log).items():
            data = r.image[sector * SECTOR:(sector + 1) * SECTOR]
            whole = len(set(data)) == 1
            self.need(whole, fault, 'sector %d is half written' % sector, r)
            if whole:
                self.need(least <= data[0] <= most, fault, 'sector %d holds %02x; %02x was flushed' % (sector, data[0], least), r)


def promised(log):
    """Sector -> (byte that it holds at least, at most), by what the guest said was written and flushed."""
    written, least = {}, {k: 0 for k in range(1, 9)}
    for kind, byte in log:
        if kind == 'w':
            written[byte & 15] = byte
        elif kind == 'f':
            least.update(written)
    return {sector: (low, 0x30 + sector) for sector, low in least.items()}

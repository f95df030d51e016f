"""world.py - the world around the program: descriptors, readers, files that change, other processes, users, terminals."""
import fcntl, os, pty, signal, struct, subprocess, termios, time
from common import LIMIT, SECTOR, SECTORS


def start(bench, arguments, env=None, **more):
    bench.runs += 1
    more.setdefault('stdin', subprocess.DEVNULL)
    return subprocess.Popen([bench.program] + arguments, env=env or bench.env(), **more)


def end_of(bench, p, what):
    """The exit code; a broken promise if it does not come."""
    try:
        return p.wait(LIMIT)
    except subprocess.TimeoutExpired:
        p.kill()
        p.wait()
        bench.need(False, what, 'it did not end within %d s' % LIMIT)
        return None


def wait_for(condition):
    """Until a moment that must come comes; False if it does not within the generous limit."""
    end = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(.05)
    return True


def idle(bench, *more):
    """Arguments for a run that only SIGTERM ends: the firmware finds nothing to boot from."""
    return ['-display', 'none', '-m', '4', '-clock', 'host', '-timeout', str(LIMIT)] + list(more)


def descriptors(bench):
    """Standard descriptors that are closed: no file of the run becomes one of them."""
    for closed in ((0,), (1,), (2,), (0, 1, 2)):
        disk = bench.disk()
        before = open(disk, 'rb').read()

        def close():
            for fd in closed:
                os.close(fd)
        p = start(bench, ['-hda', disk, '-display', 'none', '-m', '4', '-max-insns', '30M', '-statehash', '-log', 'guest'],
                  preexec_fn=close, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        code = end_of(bench, p, 'closed %s' % (closed,))
        bench.need(code == 10, 'closed %s' % (closed,), 'exit code %s, expected 10' % code)
        bench.need(open(disk, 'rb').read() == before, 'closed %s' % (closed,), 'something was written into the image')
    p = start(bench, ['-display', 'none', '-m', '4', '-max-insns', '30M', '-statehash', '-log', 'io'], stdout=open('/dev/full', 'w'),
              stderr=open('/dev/full', 'w'))
    code = end_of(bench, p, '/dev/full')
    bench.need(code in (10, 4), '/dev/full', 'exit code %s, expected 10 or 4' % code)


def readers(bench):
    """Who does not read what comes out, stops nothing: a pipe, a FIFO, a terminal's other side."""
    fifo, flood = os.path.join(bench.folder, 'fifo'), os.path.join(bench.folder, 'flood.img')
    os.mkfifo(fifo)
    open(flood, 'wb').write(b'\xb0x\xe6\xe9\xeb\xfc'.ljust(510, b'\0') + b'\x55\xaa')        # mov al, 'x'; out 0e9h, al; jmp to that
    keep = os.open(fifo, os.O_RDWR)
    master, slave = pty.openpty()
    for what, dest, out in (('a pipe', 'stdio', subprocess.PIPE), ('a FIFO', 'file:' + fifo, subprocess.DEVNULL),
                            ('a terminal', 'stdio', slave)):
        p = start(bench, [flood, '-display', 'none', '-m', '4', '-max-insns', '12M', '-log', 'io', '-debugcon', dest], stdout=out,
                  stderr=subprocess.PIPE if what == 'a pipe' else subprocess.DEVNULL)
        code = end_of(bench, p, what)
        bench.need(code == 10, what, 'exit code %s, expected 10' % code)
    for fd in (keep, master, slave):
        os.close(fd)


def images(bench):
    """An image that vanishes or shrinks under a running guest: an error for the guest, a word for the user."""
    for what in ('vanished', 'shrunk', 'truncated to nothing'):
        disk = bench.disk()
        open(disk, 'r+b').write(b'\x55' * SECTOR * SECTORS)
        p = start(bench, idle(bench, '-hda', disk, '-boot', 'c'), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        time.sleep(.2)
        if what == 'vanished':
            os.remove(disk)
        else:
            os.truncate(disk, SECTOR * 3 if what == 'shrunk' else 0)
        time.sleep(.5)
        p.terminate()
        code = end_of(bench, p, what)
        bench.need(code is not None and code >= 0, what, 'it died of a signal: %s' % code)


def two(bench):
    """Two processes, one image: the second one is refused, and says which file it is."""
    disk = bench.disk()
    first = start(bench, idle(bench, '-hda', disk), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def locked():
        with open(disk, 'rb') as f:
            try:
                fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return False
            except OSError:
                return True
    bench.need(wait_for(locked), 'two processes', 'the first one does not lock the image')
    code, said = bench.run(['-hda', disk, '-display', 'none', '-max-insns', '1M'])
    bench.need(code in (2, 4) and 'disk.img' in said, 'two processes', 'exit code %s: %s' % (code, said))
    code, said = bench.run(['-hda', disk, '-snapshot', '-display', 'none', '-m', '4', '-max-insns', '1M'])
    bench.need(code in (2, 4, 10), 'two processes, -snapshot', 'exit code %s: %s' % (code, said))
    first.terminate()
    end_of(bench, first, 'two processes')


def surroundings(bench):
    """No HOME, no PATH, no TERM, another language, a folder without rights, another user: the same state in the end."""
    arguments = ['-display', 'none', '-m', '4', '-max-insns', '20M', '-statehash']
    hashes = {}
    for what, env in (('plain', {}), ('empty environment', None), ('German', {'LC_ALL': 'de_DE.UTF-8', 'LANG': 'de_DE.UTF-8'}),
                      ('Turkish', {'LC_ALL': 'tr_TR.UTF-8'}), ('no HOME', {'HOME': '/nonexistent', 'XDG_CONFIG_HOME': '/nonexistent'})):
        code, said = bench.run(arguments, env={} if env is None else dict(os.environ, **env))
        bench.need(code == 10, what, 'exit code %s: %s' % (code, said[-200:]))
        hashes[what] = said.split('state hash')[-1].strip()
    locked = os.path.join(bench.folder, 'no-rights')
    os.mkdir(locked, 0o555)
    code, said = bench.run(arguments + ['-screendump', os.path.join(locked, 'x.png')],
                           **({'user': 65534, 'group': 65534} if os.getuid() == 0 and readable_by_all(bench) else {}))
    bench.need(code in (2, 4, 10), 'a folder without rights', 'exit code %s: %s' % (code, said[-200:]))
    bench.need(code == 10 or 'x.png' in said, 'a folder without rights', 'it does not name the file: %s' % said[-200:])
    bench.need(len(set(hashes.values())) == 1, 'surroundings', 'the states differ: %s' % hashes)


def readable_by_all(bench):
    path = os.path.realpath(bench.program)
    while path != '/':
        if not os.stat(path).st_mode & 1:
            return False
        path = os.path.dirname(path)
    os.chmod(bench.folder, 0o755)
    return True


def terminals(bench):
    """The terminal changes its size, down to one cell, and goes away."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 25, 80, 0, 0))
    p = start(bench, ['-display', 'terminal', '-m', '4', '-timeout', str(LIMIT)], env=bench.env(TERM='xterm'), stdin=slave, stdout=slave,
              stderr=slave, start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    os.close(slave)
    for rows, columns in ((25, 80), (1, 1), (3, 7), (200, 300), (0, 0), (24, 79), (25, 80)):
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
        end = time.monotonic() + .3
        while time.monotonic() < end:
            try:
                os.set_blocking(master, False)
                os.read(master, 65536)
            except (BlockingIOError, OSError):
                time.sleep(.02)
        bench.need(p.poll() is None, 'terminal of %d x %d' % (columns, rows), 'it ended with %s' % p.poll())
    os.close(master)
    code = end_of(bench, p, 'a terminal that goes away')
    bench.need(code is not None and (code >= 0 or code == -signal.SIGHUP), 'a terminal that goes away', 'it died of signal %s' % code)


CASES = {'descriptors': descriptors, 'readers': readers, 'images': images, 'two': two, 'surroundings': surroundings,
         'terminals': terminals}

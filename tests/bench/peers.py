"""What the benchmarks share: which machines there are, Bochs's configuration, and timing by marks in their output."""
import os, select, shutil, signal, subprocess, time

PROGRAMS = {'qemu': 'qemu-system-i386', 'bochs': 'bochs'}


def machines(peers):
    """Vitrine and those of the asked peers (none, qemu, bochs, all) that are installed."""
    found = ['vitrine']
    for peer, program in PROGRAMS.items():
        if peers in (peer, 'all'):
            if shutil.which(program):
                found.append(peer)
            else:
                print(f'{program} is not installed: left out')
    return found


def bochs_command(work, lines):
    """Debian's Bochs waits in its debugger: `c` in a file of commands starts it. Its display of no one is the RFB server."""
    rc, run = os.path.join(work, 'bochsrc'), os.path.join(work, 'bochs.run')
    with open(rc, 'w') as f:
        f.write(f'''cpu: model=p2_klamath, ips=200000000
clock: sync=none
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
display_library: rfb, options="timeout=0"
sound: waveoutdrv=dummy
log: {work}/bochs.log
panic: action=fatal
error: action=ignore
info: action=ignore
{lines}''')
    with open(run, 'w') as f:
        f.write('c\n')
    return ['bochs', '-q', '-f', rc, '-rc', run]


def clock_of(pid):
    """The number of the clock that counts a process's processor time, all threads: unlike the wall clock, a busy host hardly
    disturbs it. Linux makes it of the process number; elsewhere it is the wall clock's after all."""
    try:
        time.clock_gettime(~pid << 3 | 2)
        return ~pid << 3 | 2
    except (OSError, OverflowError):
        return time.CLOCK_MONOTONIC


class Run:
    """A machine whose output, standard or a FIFO, is read line by line."""

    def __init__(self, argv, fifo=None, errors=None):
        if fifo:
            if os.path.exists(fifo):
                os.unlink(fifo)
            os.mkfifo(fifo)
        with open(errors or os.devnull, 'w') as err:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL if fifo else subprocess.PIPE,
                                            stderr=err)
        self.clock = clock_of(self.process.pid)
        self.fd = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK) if fifo else os.dup(self.process.stdout.fileno())

    def lines(self, timeout):
        """(line, processor seconds used when it came), until the end or for so many seconds of the wall clock."""
        rest, deadline = b'', time.monotonic() + timeout
        while time.monotonic() < deadline:
            if not select.select([self.fd], [], [], 1)[0]:
                if self.process.poll() is not None:
                    return
                continue
            data = os.read(self.fd, 4096)
            if not data:
                if self.process.poll() is not None:
                    return
                time.sleep(0.05)        # a FIFO that nobody has opened yet
                continue
            now = time.clock_gettime(self.clock)
            *lines, rest = (rest + data).split(b'\n')
            for line in lines:
                yield line.rstrip(b'\r').decode('latin1'), now

    def close(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self.fd)

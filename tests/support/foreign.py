"""How Vitrine is built for another kind of host than this machine, and what runs it here: HOSTS, by name. Used by tests/hosts."""
import glob, gzip, os, re, shutil, subprocess, tarfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PLACE = os.path.join(ROOT, 'build', 'hosts')
CMOCKA = ['-DWITH_STATIC_LIB=ON', '-DUNIT_TESTING=OFF', '-DWITH_EXAMPLES=OFF']          # how it is built from source
LIBRARIES = ['libcmocka0', 'libcmocka-dev', 'zlib1g', 'zlib1g-dev', 'libzstd-dev']         # libzstd becomes part of programs: no libzstd1


def said(command, **more):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace', **more)


class Host:
    """What a host is built and run with. `debian`: its name as an architecture; None: this machine's own libraries do not fit. `engines`: the
    first runs every guest; the others those that ask most of a host. `goes_on`: it has libzstd, and takes the states that this machine keeps."""
    system, program, engines, goes_on = 'Linux', 'vitrine', ['fast', 'step'], True

    def __init__(self, compiler, what, run=(), debian=None, triplet=None, flags=(), unit_skips=()):
        self.compiler, self.what, self.run, self.debian, self.triplet = compiler, what, list(run), debian, triplet
        self.flags, self.unit_skips = list(flags), dict(unit_skips)      # skips: {test: reason}

    def runner(self):
        """The words before a program."""
        return self.run + (['-L', '/usr/' + self.triplet] if self.run else [])

    def libraries(self, o, name):
        """A folder with the host's libraries for unit tests and vectors, unpacked from Debian's packages; None: they cannot be had."""
        root = os.path.join(PLACE, name + '.libraries')
        if not self.debian:
            return None
        if not os.path.isdir(os.path.join(root, 'usr')) and not o.no_install:
            debs = os.path.join(PLACE, name + '.debs')
            os.makedirs(debs, exist_ok=True)
            if self.debian not in said(['dpkg', '--print-foreign-architectures']).stdout.split():
                said(['dpkg', '--add-architecture', self.debian])
                said(['apt-get', 'update', '-qq'])
            said(['apt-get', 'download', '-qq'] + [f'{p}:{self.debian}' for p in LIBRARIES], cwd=debs)
            for deb in glob.glob(os.path.join(debs, '*.deb')):
                said(['dpkg', '-x', deb, root])
            for archive in glob.glob(os.path.join(root, 'usr', 'lib', '*', 'libzstd.a')):        # where its .pc has it
                shutil.move(archive, os.path.join(root, 'usr', 'lib'))
        return root if glob.glob(os.path.join(root, 'usr', 'lib', '*', 'libcmocka.so')) else None

    def with_libraries(self, root):
        """(CMake's options, the environment) for them."""
        libs = os.path.join(root, 'usr', 'lib', self.triplet)
        return (['-DZLIB_LIBRARY=' + os.path.join(libs, 'libz.a'), '-DZLIB_INCLUDE_DIR=' + os.path.join(root, 'usr', 'include')],
                {'PKG_CONFIG_LIBDIR': os.path.join(libs, 'pkgconfig'), 'PKG_CONFIG_SYSROOT_DIR': root})

    def environment(self, root):
        """For its tests."""
        libs = root and os.path.join(root, 'usr', 'lib', self.triplet)
        return {} if not root else {'QEMU_SET_ENV': 'LD_LIBRARY_PATH=' + libs} if self.run else {'LD_LIBRARY_PATH': libs}

    def prepare(self, folder):
        """What a program needs beside it."""

    def labels(self, root):
        """Which tests there are, with or without its libraries."""
        return ['vectors', 'unit'] if root else ['vectors']

    def command_of(self, label, folder, root):
        """What runs those tests; None: ctest does. Without zlib the vectors are unpacked for the host."""
        return None if root else [*self.runner(), os.path.join(folder, 'tests', 'vectors'), *unpacked_vectors()]

    def commands(self, o, name, folder, root):
        """(how it is built, the environment for that)."""
        options = ['-DCMAKE_C_COMPILER=' + self.compiler, '-DCMAKE_C_FLAGS=' + ' '.join(self.flags), '-DCMAKE_SYSTEM_NAME=' + self.system,
                   '-DCMAKE_SYSTEM_PROCESSOR=' + name, '-DCMAKE_CROSSCOMPILING_EMULATOR=' + ';'.join(self.runner()),
                   '-DCMAKE_DISABLE_FIND_PACKAGE_ZLIB=' + ('OFF' if root else 'ON'), '-DREADLINE=', '-DZYDIS=', '-DMPFR=']
        environment = dict(os.environ, PKG_CONFIG_LIBDIR='/none', PKG_CONFIG_SYSROOT_DIR='')
        if root:
            more, by_name = self.with_libraries(root)
            options += more
            environment.update(by_name)
        # Nobody debugs it: without -g a third of the compiler's time is saved. A slice has the handlers as ever, and all else as is soon made.
        options += ['-DCMAKE_BUILD_TYPE=Plain', '-DCMAKE_C_FLAGS_PLAIN=' + ('-O1' if o.slice else '-O2')]
        targets = ['vitrine', 'vectors'] + (['unit_tests'] if root and 'unit' in o.part and not o.slice else [])
        return [['cmake', '-S', ROOT, '-B', folder] + options, ['cmake', '--build', folder, '--parallel', str(o.jobs), '--target'] + targets], environment

    def words(self, folder):
        """What runs its program."""
        return self.runner() + [os.path.join(folder, self.program)]


class Musl(Host):
    """By musl-gcc. Debian has no libraries for it: cmocka is built from its source package, and the vectors are unpacked without zlib."""
    goes_on = False

    def libraries(self, o, name):
        root = os.path.join(PLACE, name + '.libraries')
        static = os.path.join(root, 'lib', 'libcmocka.a')
        source = None if os.path.exists(static) or o.no_install else debian_source('cmocka', root + '.source')
        if source:
            make(source, root, ['-DCMAKE_C_COMPILER=' + self.compiler, *CMOCKA], o.jobs)
        return root if os.path.exists(static) else None

    def with_libraries(self, root):
        return ['-DCMAKE_DISABLE_FIND_PACKAGE_ZLIB=ON'], {'PKG_CONFIG_LIBDIR': os.path.join(root, 'lib', 'pkgconfig')}

    def environment(self, root):
        return {}

    def command_of(self, label, folder, root):
        return super().command_of(label, folder, None if label == 'vectors' else root)


class Web(Host):
    """The module of gui/web/, by clang and wasi-libc, in Node. Its tests of its own are tests/web's."""
    goes_on = False

    def libraries(self, o, name):
        """The folder of the disassembler's source, which becomes part of the debugger's module."""
        place = os.path.join(PLACE, name + '.source')
        there = glob.glob(os.path.join(place, 'zydis', '*', 'src', 'Zydis.c'))
        return os.path.dirname(os.path.dirname(there[0])) if there else None if o.no_install else debian_source('zydis', place)

    def labels(self, root):
        return ['vectors']

    def command_of(self, label, folder, root):
        return [*self.run, os.path.join(ROOT, 'tests', 'vectors', 'run.mjs'), os.path.join(folder, 'vectors.wasm')]

    def commands(self, o, name, folder, root):
        options = ['-DCMAKE_TOOLCHAIN_FILE=' + os.path.join(ROOT, 'host', 'web', 'toolchain.cmake'), '-DVITRINE_ZYDIS=' + (root or '')]
        options += ['-DWASM_OPT='] if o.slice else []
        return [['cmake', '-S', os.path.join(ROOT, 'gui', 'web'), '-B', folder] + options,
                ['cmake', '--build', folder, '--parallel', str(o.jobs), '--target', 'vectors', 'vitrine' if o.slice else 'all']], None

    def words(self, folder):
        tail = os.path.join(folder, 'vitrine-tail.wasm')        # a slice has none
        return self.run + [os.path.join(ROOT, 'gui', 'web', 'run.mjs'), '--module', os.path.join(folder, 'vitrine.wasm'),
                           *(['--beside', tail] if os.path.exists(tail) else [])]


class Windows(Host):
    """By Debian's cross compiler, with Wine. Of its libraries Debian has zlib; the others are built from its source packages, to be part of the
    program, with their licences. SDL's, libpng's and cmocka's own CMake does it; Zydis' wants Zycore's package, whose headers are this machine's."""
    system, program, engines = 'Windows', 'vitrine.exe', ['fast']           # each start takes Wine a while
    prefix, target = 'x86_64-w64-mingw32', '/usr/x86_64-w64-mingw32'
    sources = {'cmocka': CMOCKA,
               'libpng1.6': ['-DPNG_SHARED=OFF', '-DPNG_TESTS=OFF', f'-DZLIB_LIBRARY={target}/lib/libz.a', f'-DZLIB_INCLUDE_DIR={target}/include'],
               'libsdl2': ['-DSDL_SHARED=OFF', '-DSDL_STATIC=ON', '-DSDL_TEST=OFF', '-DSDL_AUDIO=OFF', '-DSDL_JOYSTICK=OFF', '-DSDL_HAPTIC=OFF',
                           '-DSDL_HIDAPI=OFF', '-DSDL_SENSOR=OFF'],
               'zydis': None}

    def __init__(self, *given):
        super().__init__('x86_64-w64-mingw32-gcc', *given)

    def runner(self):
        return self.run

    def libraries(self, o, name):
        root = os.path.join(PLACE, name + '.libraries')
        for package, options in () if o.no_install else self.sources.items():
            licence = os.path.join(root, 'licences', package + '.txt')      # written last
            source = None if os.path.exists(licence) else debian_source(package, root + '.source')
            if source and (self.make if options else self.make_zydis)(source, root, options, o.jobs):
                os.makedirs(os.path.dirname(licence), exist_ok=True)
                shutil.copy(next(glob.iglob(os.path.join(source, '[LC][IO][CP][EY]*'))), licence)
        for package in ['libz-mingw-w64', 'mingw-w64-common', 'gcc-mingw-w64-base'] if os.path.isdir(os.path.join(root, 'licences')) else []:
            if os.path.exists(f'/usr/share/doc/{package}/copyright'):
                shutil.copy(f'/usr/share/doc/{package}/copyright', os.path.join(root, 'licences', package + '.txt'))
        return root if os.path.exists(os.path.join(root, 'licences', 'cmocka.txt')) and os.path.exists(self.target + '/lib/libz.a') else None

    def make(self, source, root, options, jobs):
        return make(source, root, ['-DCMAKE_SYSTEM_NAME=Windows', '-DCMAKE_C_COMPILER=' + self.compiler,
                                   f'-DCMAKE_RC_COMPILER={self.prefix}-windres', *options], jobs)

    def make_zydis(self, source, root, _options, _jobs):
        include, objects = os.path.join(root, 'include'), os.path.join(source, 'build-windows')
        if not os.path.isdir('/usr/include/Zycore'):
            return False
        os.makedirs(objects, exist_ok=True)
        shutil.copytree('/usr/include/Zycore', os.path.join(include, 'Zycore'), dirs_exist_ok=True)
        shutil.copytree(os.path.join(source, 'include', 'Zydis'), os.path.join(include, 'Zydis'), dirs_exist_ok=True)
        words = [self.compiler, '-O2', '-c', '-DZYDIS_STATIC_BUILD', '-DZYCORE_STATIC_BUILD', '-I' + include, '-I' + os.path.join(source, 'src')]
        return not (said(words + glob.glob(os.path.join(source, 'src', '*.c')), cwd=objects).returncode or
                    said([f'{self.prefix}-ar', 'rcs', os.path.join(root, 'lib', 'libZydis.a'), *glob.glob(os.path.join(objects, '*.o'))]).returncode)

    def with_libraries(self, root):
        zydis = os.path.join(root, 'lib', 'libZydis.a')
        return ([f'-DZLIB_LIBRARY={self.target}/lib/libz.a', f'-DZLIB_INCLUDE_DIR={self.target}/include',
                 '-DVITRINE_LICENCES=' + os.path.join(root, 'licences'), '-DCMAKE_C_FLAGS=-isystem ' + os.path.join(root, 'include'),
                 '-DZYDIS=' + (zydis if os.path.exists(zydis) else '')],
                {'PKG_CONFIG_LIBDIR': f'{root}/lib/pkgconfig:{self.target}/lib/pkgconfig'})

    def environment(self, root):
        return {'WINEDEBUG': '-all', 'WINEPREFIX': os.path.join(PLACE, 'wine')}

    def prepare(self, folder):
        shutil.copytree('/usr/share/seabios', os.path.join(folder, 'seabios'), dirs_exist_ok=True)
        shutil.copytree('/usr/share/seabios', os.path.join(folder, 'tests', 'seabios'), dirs_exist_ok=True)


def make(source, root, options, jobs):
    """A library by its own CMake, installed in root, cmocka as an archive; is it there?"""
    made = source + '.build'
    with open(os.path.join(source, 'CMakeLists.txt'), 'r+') as f:              # SDL asks for a compiler of C++, and needs none
        text = f.read().replace('project(SDL2 C CXX)', 'project(SDL2 C)')
        f.seek(0)
        f.write(text)
        f.truncate()
    common = ['-DCMAKE_BUILD_TYPE=Release', '-DCMAKE_INSTALL_PREFIX=' + root, '-DCMAKE_INSTALL_LIBDIR=lib', '-DCMAKE_POLICY_VERSION_MINIMUM=3.5']
    if any(said(command).returncode for command in (['cmake', '-S', source, '-B', made] + common + launcher() + options,
                                                    ['cmake', '--build', made, '--parallel', str(jobs)], ['cmake', '--install', made])):
        return False
    static = os.path.join(root, 'lib', 'libcmocka-static.a')
    if os.path.exists(static):
        for shared in glob.glob(os.path.join(root, 'lib', 'libcmocka.*')):
            os.remove(shared)
        os.rename(static, os.path.join(root, 'lib', 'libcmocka.a'))
    return True


def unpacked_vectors():
    """The captured vectors as plain files: their paths."""
    place, paths = os.path.join(PLACE, 'vectors'), []
    os.makedirs(place, exist_ok=True)
    for archive in sorted(glob.glob(os.path.join(ROOT, 'tests', 'vectors', 'data', '*.gz'))):
        paths.append(os.path.join(place, os.path.basename(archive)[:-3]))
        with gzip.open(archive) as packed, open(paths[-1], 'wb') as plain:
            shutil.copyfileobj(packed, plain)
    return paths


def launcher():
    """CMake's options for compiling the same once."""
    return ['-DCMAKE_C_COMPILER_LAUNCHER=ccache'] if shutil.which('ccache') else []


def debian_source(package, place):
    """The folder of a source package of Debian's, unpacked in `place`; None: it cannot be had. This machine's lists stay as they are."""
    lists, sources, place = os.path.join(place, 'lists'), os.path.join(place, 'apt'), os.path.join(place, package)
    fresh = not os.path.isdir(lists)
    os.makedirs(os.path.join(lists, 'partial'), exist_ok=True)
    os.makedirs(place, exist_ok=True)
    os.makedirs(sources, exist_ok=True)
    for path in glob.glob('/etc/apt/sources.list.d/debian*.sources') + glob.glob('/etc/apt/sources.list'):
        with open(path) as f:
            text = re.sub(r'^deb ', 'deb-src ', re.sub(r'^Types:.*', 'Types: deb-src', f.read(), flags=re.M), flags=re.M)
        with open(os.path.join(sources, os.path.basename(path)), 'w') as f:
            f.write(text)
    options = ['-o', 'Dir::Etc::SourceList=/dev/null', '-o', 'Dir::Etc::SourceParts=' + sources, '-o', 'Dir::State::Lists=' + lists]
    if fresh:
        said(['apt-get', *options, 'update', '-qq'])
    said(['apt-get', *options, 'source', '--download-only', '-qq', package], cwd=place)
    for archive in glob.glob(os.path.join(place, package + '_*.orig.tar.*[!c]')):
        with tarfile.open(archive) as tar:
            tar.extractall(place)
            return os.path.join(place, tar.getnames()[0].split('/')[0])
    return None


HOSTS = {
    'arm64': Host('aarch64-linux-gnu-gcc', 'ARM64 Linux, glibc', ['qemu-aarch64'], 'arm64', 'aarch64-linux-gnu'),
    's390x': Host('s390x-linux-gnu-gcc', 's390x Linux (big-endian), glibc', ['qemu-s390x'], 's390x', 's390x-linux-gnu'),
    'i386': Host('clang-19', 'i386 Linux (32 bits), glibc', [], 'i386', 'i386-linux-gnu', ['-m32']),
    'musl': Musl('musl-gcc', 'x86-64 Linux, musl', [], None, None, ['-static']),
    'windows': Windows('x86-64 Windows, by Wine', ['wine']),
    'web': Web('clang-19', 'WebAssembly (32 bits), wasi-libc, in Node', ['node']),
}

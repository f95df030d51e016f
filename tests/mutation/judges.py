# judges.py - a copy of the tree that errors are planted in, its build, and the tests that judge it.
#
# The build is the normal one but for -O1 without debugging information, which takes a third of the time; the judges
# compare results, which the level does not change. Each judge gets ten times what it needs without an error.
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import time

KINDS = ("decoder", "unit", "vectors", "fuzz", "lockstep", "guest", "boot")    # the order in which they are asked
NOT_ASKED = re.compile(r"fuzz-devices|boot-(?!hello$)")                         # knows no processor; minutes each
SKIPPED = 77
OUTPUT_MAX = 64 << 20
FASTER = (('"-O2 -g"', '"-O1"'), ("PRIVATE -O2 -fno-stack-protector", "PRIVATE -O1 -fno-stack-protector"))


class Failure(Exception):
    """Something that no error was planted in does not work."""


def tree_files(root, below="."):
    """Names of the files that git knows or does not ignore; of all but builds where there is no git."""
    found = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard", below], cwd=root, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL)
    if found.returncode == 0 and os.path.exists(os.path.join(root, ".git")):
        return sorted(filter(None, found.stdout.decode().split("\0")))
    names = [os.path.relpath(os.path.join(folder, f), root) for folder, _, files in os.walk(os.path.join(root, below)) for f in files]
    return sorted(n for n in names if not n.startswith("build"))


def run(command, seconds, log, cwd=None, env=None):
    """The exit code, or None when it had to be killed; everything it started is killed with it."""
    def limits():
        resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_MAX, OUTPUT_MAX))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with open(log, "wb") as out:
        process = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                   start_new_session=True, preexec_fn=limits)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()


class Judge:
    def __init__(self, kind, name, command, env, cwd):
        self.kind, self.name, self.command, self.env, self.cwd = kind, name, command, env, cwd
        self.seconds = 0

    def ask(self, log, seconds):
        env = dict(os.environ, **dict(e.split("=", 1) for e in self.env))
        return run(self.command, seconds, log, self.cwd, env)


class Tree:
    """A copy of the sources in `place`/source (already there if `source` is None), built in `place`/build."""

    def __init__(self, source, place):
        self.origin, self.source, self.build = source, os.path.join(place, "source"), os.path.join(place, "build")
        self.log, self.dirty = os.path.join(place, "log"), os.path.join(place, "dirty")
        self.judges, self.dropped, self.saved = [], [], {}
        os.makedirs(place, exist_ok=True)
        if os.path.exists(self.dirty):                          # killed in the middle of an error
            shutil.rmtree(self.build, ignore_errors=True)
            os.remove(self.dirty)
        if source:
            self.copy()
        self.configure()

    def copy(self):
        """The working versions. Files that did not change keep their time."""
        wanted = set()
        for name in tree_files(self.origin):
            src, dst = os.path.join(self.origin, name), os.path.join(self.source, name)
            if not os.path.isfile(src):
                continue
            wanted.add(name)
            os.makedirs(os.path.dirname(dst), exist_ok=True)
            with open(src, "rb") as f:
                data = f.read()
            if name == "CMakeLists.txt":
                for old, new in FASTER:
                    if old.encode() not in data:
                        raise Failure("CMakeLists.txt has no %s, which is to be replaced" % old)
                    data = data.replace(old.encode(), new.encode())
            if not os.path.exists(dst) or open(dst, "rb").read() != data:
                with open(dst, "wb") as f:
                    f.write(data)
            shutil.copymode(src, dst)
        for folder, _, files in os.walk(self.source):
            for f in files:
                if os.path.relpath(os.path.join(folder, f), self.source) not in wanted:
                    os.remove(os.path.join(folder, f))

    def configure(self):
        if run(["cmake", "-S", self.source, "-B", self.build, "-G", "Ninja", "-DCMAKE_C_COMPILER=gcc"], 120, self.log) != 0:
            raise Failure("cmake fails, see " + self.log)

    def make(self, target, seconds=600):
        return run(["ninja", "-C", self.build, "-j1", target], seconds, self.log) == 0

    # ---- the state without an error, to go back to ----

    def built_files(self):
        for folder, _, files in os.walk(self.build):
            for f in files:
                if f.endswith((".o", ".a")):
                    yield os.path.join(folder, f)

    def remember(self):
        """Objects and archives with their times: going back is copying, not compiling. Programs need not be kept, since every
        mutant changes the processor's archive, and all are linked with it."""
        for path in self.built_files():
            with open(path, "rb") as f:
                self.saved[path] = (f.read(), os.stat(path).st_mtime_ns)

    def restore(self, path, text, mtime):
        with open(path, "w") as f:
            f.write(text)
        os.utime(path, ns=(mtime, mtime))
        for built, (data, built_mtime) in self.saved.items():
            if not os.path.exists(built) or os.stat(built).st_mtime_ns != built_mtime:
                with open(built, "wb") as f:
                    f.write(data)
                os.utime(built, ns=(built_mtime, built_mtime))

    def changed_objects(self):
        """Has any object of the processor other machine code than without the error?"""
        for path, (data, mtime) in self.saved.items():
            if path.endswith(".o") and "/cpu.dir/" in path and os.stat(path).st_mtime_ns != mtime:
                with open(path, "rb") as f:
                    if f.read() != data:
                        return True
        return False

    # ---- judging ----

    def find_judges(self):
        tests = json.loads(subprocess.run(["ctest", "--show-only=json-v1"], cwd=self.build, check=True,
                                          stdout=subprocess.PIPE).stdout)["tests"]
        for test in tests:
            properties = {p["name"]: p["value"] for p in test.get("properties", [])}
            kinds = [k for k in KINDS if k in properties.get("LABELS", [])]
            if kinds and not NOT_ASKED.match(test["name"]) and "command" in test:
                self.judges.append(Judge(kinds[0], test["name"], test["command"], properties.get("ENVIRONMENT", []),
                                         properties.get("WORKING_DIRECTORY", self.build)))

    def baseline(self, limit):
        """Build, ask every judge once without an error, and leave out who is slow, skipped or already complains."""
        archive = os.path.join(self.build, "libcpu.a")
        if os.path.exists(archive):                             # the programs of an earlier run have its last error
            os.remove(archive)
        if not self.make("all"):
            raise Failure("the tree does not build, see " + self.log)
        self.remember()
        self.find_judges()
        kept = []
        for judge in self.judges:
            begin = time.monotonic()
            code = judge.ask(self.log, limit)
            judge.seconds = time.monotonic() - begin
            if code == 0:
                kept.append(judge)
            else:
                self.dropped.append((judge, "slow" if code is None else "skipped" if code == SKIPPED else "fails without an error"))
        self.judges = sorted(kept, key=lambda j: (KINDS.index(j.kind), j.seconds))

    def verdict(self, patience=10):
        """(judge, how) of the first judge that finds something, or None."""
        for judge in self.judges:
            code = judge.ask(self.log, max(20, patience * judge.seconds))
            if code is None:
                return judge, "time"
            if code != 0:
                return judge, "crash" if code < 0 else "fails"
        return None

    def plant(self, mutant):
        """'compile' (no C), 'same' (the same machine code), or else the verdict. The tree is clean afterwards."""
        path = os.path.join(self.source, mutant.path)
        with open(path) as f:
            text = f.read()
        mtime = os.stat(path).st_mtime_ns
        lines = text.split("\n")
        if lines[mutant.line - 1] != mutant.text:
            raise Failure("%s changed underneath" % path)
        lines[mutant.line - 1] = mutant.changed()
        open(self.dirty, "w").close()
        try:
            with open(path, "w") as f:
                f.write("\n".join(lines))
            if not self.make("cpu"):
                return "compile"
            if not self.changed_objects():
                return "same"
            if not self.make("all"):
                return "compile"
            return self.verdict()
        finally:
            self.restore(path, text, mtime)
            os.remove(self.dirty)

"""One image on one emulator: run it unseen, without changing it, and say what became of it."""
import json
import os
import re
import subprocess
import time

import pictures

TEXT_BASE, TEXT_BYTES, TEXT_COLUMNS = 0xB8000, 80 * 25 * 2, 80


def last_line(rows):
    """The last line with something on it."""
    for row in reversed(rows or []):
        if row.strip():
            return " ".join(row.split())
    return ""


def serial_line(path):
    """The last line that came over the serial port, without the terminal's control sequences."""
    try:
        with open(path, "rb") as f:
            text = f.read()[-20000:].decode("utf-8", "replace")
    except OSError:
        return ""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b.", "", text)
    return last_line("".join(c if c.isprintable() else "\n" for c in text).split("\n"))


def run_vitrine(program, image, base, options):
    """base: where this image's files go, without an ending. The result as a dictionary."""
    report, screen, serial = base + ".json", base + ".ppm", base + ".serial"
    for path in (report, screen, serial):
        if os.path.exists(path):
            os.remove(path)
    command = [program, image, "-display", "none", "-clock", "virtual", "-snapshot", "-m", str(options.memory),
               "-mips", str(options.mips), "-stop-at", f"{options.seconds}s", "-timeout", str(options.host_seconds),
               "-report", report, "-screendump", screen, "-serial", "file:" + serial] + options.extra
    began = time.monotonic()
    with open(base + ".log", "w+b") as log:
        try:
            code = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False,
                                  timeout=options.host_seconds * 2 + 30).returncode
        except subprocess.TimeoutExpired:
            code = None
        log.seek(0)
        said = log.read().decode("utf-8", "replace").splitlines()
    result = {"code": code, "host_seconds": round(time.monotonic() - began, 1), "command": command,
              "guest": sum(line.startswith("guest: ") for line in said),
              "unimp": sum(line.startswith("unimp: ") for line in said), "triple": 0, "virtual_seconds": 0.0,
              "ended": "", "media": "", "screen": "", "hash": "", "text": [], "last": ""}
    try:
        with open(report, encoding="utf-8") as f:
            told = json.load(f)
    except (OSError, ValueError):
        told = None
    if told:
        shown = told["screen"]
        result.update(ended=told["ended"], media=told["media"], triple=told["triple_faults"],
                      virtual_seconds=round(told["virtual_ns"] / 1e9, 1), screen=f"{shown['width']}x{shown['height']}",
                      hash=shown["hash"], text=shown["text"] or [])
        result["last"] = last_line(shown["text"]) or serial_line(serial)
    else:
        result["ended"] = "hung" if code is None else "refused" if code == 2 else "crashed"
        result["last"] = next((line for line in reversed(said) if line.startswith("vitrine: ")), last_line(said))
    result["kind"] = kind_of(result, base)
    return result


def kind_of(result, base):
    """One word or two for the summary; the worst that is true."""
    text = "\n".join(result["text"])
    if result["ended"] in ("hung", "refused", "crashed"):
        return result["ended"]
    if result["triple"]:
        return "triple fault"
    if result["ended"] == "-timeout":
        return "too slow"
    if result["ended"] in ("power off", "reset", "debug exit", "halted for good"):
        return result["ended"]
    if "No bootable device" in text or "Boot failed" in text or "not a bootable disk" in text:
        return "no system"
    try:
        if not text.strip() and pictures.is_blank(pictures.read_ppm(base + ".ppm")):
            return "blank"
    except (OSError, ValueError):
        return "no picture"
    return "runs"


def qemu_drives(image, media):
    """The same image in the same drive; by its size where our run could not tell which."""
    media = media or ("floppy" if os.path.getsize(image) <= 2949120 else "disk")
    if "kernel" in media:
        return ["-kernel", image]
    if "cd" in media:
        return ["-cdrom", image, "-boot", "d"]
    if "floppy" in media:
        return ["-drive", f"if=floppy,format=raw,file={image.replace(',', ',,')}", "-boot", "a"]
    return ["-drive", f"if=ide,format=raw,file={image.replace(',', ',,')}", "-boot", "c"]


class Qemu:
    """A running QEMU and its monitor."""

    def __init__(self, program, image, media, base, options):
        self.log = open(base + ".qemu.log", "w+b")
        self.command = [program, "-display", "none", "-vga", "std", "-nic", "none", "-snapshot", "-monitor", "stdio", "-serial",
                        "file:" + base + ".qemu.serial", "-m", str(options.memory)] + qemu_drives(image, media)
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=self.log, stderr=self.log)

    def say(self, line):
        try:
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            pass

    def ends(self):
        return self.process.poll() is not None

    def saved(self, command, path, size=1):
        """A monitor command that writes a file; True once that is there."""
        if os.path.exists(path):
            os.remove(path)
        self.say(f'{command} "{path}"')
        before = -1
        for _ in range(50):
            now = os.path.getsize(path) if os.path.exists(path) else -1
            if now >= size and now == before:
                return True
            before = now
            if self.ends():
                return False
            time.sleep(0.1)
        return False

    def close(self):
        self.say("quit")
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def padded(image, base):
    """A floppy that QEMU takes: a file shorter than a floppy, as a boot sector is, gets the rest in zeros."""
    size = os.path.getsize(image)
    if size >= 1474560 or size in (163840, 184320, 327680, 368640, 737280, 1228800):
        return image
    with open(image, "rb") as f, open(base + ".padded", "wb") as out:
        out.write(f.read().ljust(1474560, b"\0"))
    return base + ".padded"


def run_qemu(program, image, media, base, options):
    """As run_vitrine. QEMU has no virtual time to stop at, so it gets the seconds by the clock on the wall; fewer where nothing
    has changed on its screen for a while."""
    screen, memory, began = base + ".qemu.ppm", base + ".qemu.text", time.monotonic()
    result = {"ended": "stopped", "screen": "", "text": [], "last": "", "code": None}
    if "floppy" in media and "kernel" not in media:
        image = padded(image, base)
    qemu = Qemu(program, image, media, base, options)
    result["command"] = qemu.command
    previous, still = None, 0
    while time.monotonic() - began < options.seconds and still < options.settled and not qemu.ends():
        time.sleep(1)
        if qemu.saved("screendump", screen):
            with open(screen, "rb") as f:
                shown = f.read()
            still = still + 1 if shown == previous and time.monotonic() - began > options.settled else 0
            previous = shown
    if qemu.ends():
        result.update(ended="power off" if qemu.process.returncode == 0 else "failed", code=qemu.process.returncode)
    elif qemu.saved(f"pmemsave {TEXT_BASE} {TEXT_BYTES}", memory, TEXT_BYTES):
        with open(memory, "rb") as f:
            cells = f.read()[0::2].replace(b"\0", b" ")
        os.remove(memory)
        try:
            width, height, _ = pictures.read_ppm(screen)
            result["screen"] = f"{width}x{height}"
            if (width, height) in ((720, 400), (640, 400)):
                result["text"] = [cells[k:k + TEXT_COLUMNS].decode("cp437").rstrip() for k in range(0, len(cells), TEXT_COLUMNS)]
        except (OSError, ValueError):
            pass
    qemu.close()
    if image.endswith(".padded"):
        os.remove(image)
    result["last"] = last_line(result["text"]) or serial_line(base + ".qemu.serial")
    if result["ended"] == "failed":
        with open(base + ".qemu.log", encoding="utf-8", errors="replace") as f:
            result["last"] = last_line([line for line in f.read().splitlines() if not line.startswith("(qemu)")])
    result["host_seconds"] = round(time.monotonic() - began, 1)
    return result

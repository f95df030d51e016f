#!/usr/bin/env python3
"""Cuts the first COUNT tests of each MOO file: slice.py COUNT FROM_DIRECTORY TO_DIRECTORY.
Made tests/vectors/data out of https://github.com/SingleStepTests/80286 (real mode). Chunks that the runner does not read
(hashes, bus cycles, generator data) are dropped."""
import gzip, os, struct, sys

KEEP = {b'NAME', b'BYTS', b'INIT', b'FINA', b'EXCP'}


def chunks(data, at):
    while at + 8 <= len(data):
        size = struct.unpack_from('<I', data, at + 4)[0]
        yield data[at:at + 4], data[at + 8:at + 8 + size]
        at += 8 + size


def chunk(tag, body):
    return tag + struct.pack('<I', len(body)) + body


def main():
    count, source, target = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    os.makedirs(target, exist_ok=True)
    for name in sorted(os.listdir(source)):
        if not name.endswith('.MOO.gz'):
            continue
        with gzip.open(os.path.join(source, name)) as f:
            data = f.read()
        out, tests = b'', 0
        for tag, body in chunks(data, 0):
            if tag == b'MOO ':
                body = body[:4] + struct.pack('<I', count) + body[8:]
            if tag == b'TEST':
                if tests == count:
                    continue
                tests += 1
                body = body[:4] + b''.join(chunk(t, b) for t, b in chunks(body, 4) if t in KEEP)
            out += chunk(tag, body)
        with open(os.path.join(target, name), 'wb') as f:
            f.write(gzip.compress(out, 9, mtime=0))


main()

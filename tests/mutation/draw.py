# draw.py - which of the many possible errors are planted: a fair sample, the same for the same seed.
#
# Each file gets its share of the errors by its lines in which one can be planted; within a file the operators take turns,
# and the place is drawn. What is listed in `equivalent` is passed over. A slot's first choice may turn out to be no error
# (no C, or the same machine code); then the slot's next one is taken, so that slots do not depend on each other.
import hashlib
import os
import re
import sys

from judges import tree_files
from operators import attributes_read, candidates

NOMINAL, SPARE = 100, 20


def key(*parts):
    return hashlib.sha256("\0".join(str(p) for p in parts).encode()).hexdigest()


def squeeze(text):
    return re.sub(r"\s+", " ", text.strip())


class Listed:
    """A record of `equivalent` or `survivors`."""

    def __init__(self, fields):
        self.file, self.line, self.why = fields["file"], squeeze(fields["line"]), fields["why"]
        self.changes = [squeeze(c) for c in fields["change"].split(" ; ")]

    def covers(self, mutant):
        return (mutant.path == self.file and squeeze(mutant.text) == self.line
                and any(c in ("*", mutant.id, mutant.what()) for c in self.changes))


def read_list(path):
    """Records of `file:`, `line:`, `change:` (several by ` ; `, or *, or a mutant's name) and `why:`, which may go on indented."""
    records, fields, last = [], {}, None
    if not os.path.exists(path):
        return records
    with open(path) as f:
        for number, text in enumerate(f, 1):
            if text.startswith("#") or not text.strip():
                continue
            m = re.match(r"(file|line|change|why): *(.*)", text)
            if m:
                last = m.group(1)
                if last == "file" and fields:
                    records.append(Listed(fields))
                    fields = {}
                fields[last] = m.group(2).strip()
            elif text[0] == " " and last:
                fields[last] += " " + text.strip()
            else:
                sys.exit("%s:%d: not understood: %s" % (path, number, text.strip()))
    if fields:
        records.append(Listed(fields))
    return records


def sources(root):
    found = {}
    for name in tree_files(root, "cpu"):
        if name.endswith((".c", ".h", ".inc")) and os.path.isfile(os.path.join(root, name)):
            with open(os.path.join(root, name)) as f:
                found[name] = f.read()
    return found


def turns(found, path, seed):
    """A file's mutants in the order in which they are taken: one of each operator in turn."""
    by_operator = {}
    for m in found:
        by_operator.setdefault(m.operator, []).append(m)
    queues = [sorted(q, key=lambda m: key(seed, m.id)) for _, q in
              sorted(by_operator.items(), key=lambda item: key(seed, path, item[0]))]
    order = []
    while queues:
        order += [q.pop(0) for q in queues]
        queues = [q for q in queues if q]
    return order


class Sample:
    def __init__(self, root, seed, equivalent):
        texts = sources(root)
        read = attributes_read(texts)
        self.seed, self.all, self.lines, self.passed_over, self.order = seed, {}, {}, [], {}
        for path, text in texts.items():
            found = candidates(path, text, read)
            if found:
                self.lines[path] = len({m.line for m in found})
                listed = [m for m in found if any(e.covers(m) for e in equivalent)]
                self.order[path] = turns([m for m in found if m not in listed], path, seed)
                self.all.update((m.id, m) for m in found)
        self.total = sum(self.lines.values())

    def slots(self, count):
        """`count` lists of mutants, each in the order of preference."""
        share = {p: n / self.total for p, n in self.lines.items()}
        owed = {p: int(key(self.seed, p)[:8], 16) / 0xffffffff - 1 for p in share}    # so that small files have their chance
        taken, chosen = dict.fromkeys(share, 0), []
        for _ in range(count):
            for p in share:
                owed[p] += share[p]
            path = max(share, key=lambda p: owed[p])
            owed[path] -= 1
            chosen.append((path, taken[path]))
            taken[path] += 1
        slots, spares = [], sorted((m for order in self.order.values() for m in order), key=lambda m: key(self.seed, "spare", m.id))
        for number, (path, n) in enumerate(chosen):
            stride = max(taken[path], int(share[path] * NOMINAL) + 2)
            spare = spares[number * SPARE % len(spares):][:SPARE]       # a short file may have nothing to offer
            slots.append(self.order[path][n::stride] + spare)
        return slots

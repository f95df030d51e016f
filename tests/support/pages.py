"""Pages of docs/ that tests do: their chapters, the files and changes that they show, and sessions with the debugger played again."""
import os
import re
import subprocess

PROMPT = 'vitrine> '
PLACE = re.compile(r'^(?:New `(?P<new>[^`]+)`|In `(?P<file>[^`]+)`, (?P<how>after|before|instead of) `(?P<line>.+)`)[^`]*:$')


class Wrong(Exception):
    """The page itself is wrong."""


def chapters(text):
    """[(heading, [lines])]"""
    found = []
    for line in text.split('\n'):
        if line.startswith('## '):
            found.append((line[3:], []))
        elif found:
            found[-1][1].append(line)
    return found


def steps(lines):
    """What a chapter asks for: ('edit', match of PLACE, block) and ('run', None, block of ```console)."""
    place, k = None, 0
    while k < len(lines):
        line = lines[k]
        k += 1
        m = PLACE.match(line)
        if m:
            place = m
        if not line.startswith('```'):
            continue
        end = lines.index('```', k)
        block, k = lines[k:end], end + 1
        if line == '```console':
            yield 'run', None, block
        elif place:
            yield 'edit', place, block
            place = None
        else:
            raise Wrong(f'nothing says where the block that begins with "{block[0]}" goes')


def edit(root, place, block):
    """Make a new file of it, or put it where the page says: the only line of a file that begins so."""
    path = os.path.join(root, place['new'] or place['file'])
    if place['new']:
        if os.path.exists(path):
            raise Wrong(f'{place["new"]} is there already')
        with open(path, 'w', encoding='utf-8') as f:
            f.write('\n'.join(block) + '\n')
        return
    with open(path, encoding='utf-8') as f:
        lines = f.read().split('\n')
    at = [n for n, line in enumerate(lines) if line.strip().startswith(place["line"].strip())]
    if len(at) != 1:
        raise Wrong(f'{place["file"]}: {len(at)} lines begin with "{place["line"]}", expected one')
    here = at[0] + (place['how'] == 'after')
    lines[here:here + (place['how'] == 'instead of')] = block
    with open(path, 'w', encoding='utf-8') as f:
        f.write('\n'.join(lines))


def run(words, **options):
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, **options)


def play(words, typed, cwd):
    """A run of the debugger: what it says before the first prompt, then behind each line that is typed, as far as it came."""
    return run(words, input=''.join(t + '\n' for t in typed), cwd=cwd).stdout.split(PROMPT)


def state_hash(text):
    return re.findall(r'state hash \w+ after \d+ instructions', text)

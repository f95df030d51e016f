// page.mjs - the page around the machine: what a person sees and touches. The machine is worker.mjs's.
import { USAGE, keyboardOn, typed } from './keyboard.mjs';
import { shelf } from './disks.mjs';
import { DRIVES, Drives, changeable, mediumFor, sorted } from './drives.mjs';
import * as parts from './parts.mjs';

const $ = id => document.getElementById(id);
const CPUS = ['max', 'p2', 'pentium-mmx', 'pentium', '486'];
let runs = false, paused = false;

// A picture that is made smaller is blurred a little, for without that letters lose lines.
let pictureWidth = 720;
const sharpen = () => { $('canvas').style.imageRendering = $('canvas').clientWidth * devicePixelRatio < pictureWidth * 1.5 ? 'auto' : 'pixelated'; };
new ResizeObserver(sharpen).observe($('canvas'));

// ---- the worker ----

const worker = new Worker(new URL('worker.mjs', import.meta.url), { type: 'module' });
const waiting = new Map();
let last = 0;
const tell = (act, more = {}, transfer = []) => worker.postMessage({ act, ...more }, transfer);
const ask = (act, more = {}, transfer = []) => new Promise((good, bad) => {
  waiting.set(++last, { good, bad });
  worker.postMessage({ act, id: last, ...more }, transfer);
});
const told = {
  shape: ({ width, height, square }) => {
    $('canvas').style.aspectRatio = square ? `${width} / ${height}` : '4 / 3';
    pictureWidth = width;
    sharpen();
  },
  serial: ({ line, bytes }) => papers[line].print(bytes),
  said: ({ line }) => say(line.replace(/^vitrine: /, '')),
  put: ({ name, bytes }) => download(name, new Blob([bytes])),
  kept: () => showKept(),
  status: s => {
    if (!runs || paused) return;
    const slow = s.percent < 95 ? `, this host reaches ${s.percent} % of that speed` : '';
    $('status').textContent = `${s.seconds.toFixed(1)} s, ${s.mips.toFixed(0)} MIPS${slow}`;
    s.accesses.forEach((n, drive) => lamp(drive, n));
  },
  words: ({ words }) => show(words),
  stopped: ({ inDebugger, text, told: words }) => {
    $('status').textContent = inDebugger ? 'stopped: the debugger has it' : `ended: ${text}`;
    if (words) show(words);
  },
};
worker.onmessage = ({ data }) => {
  if (data.tell) return told[data.tell](data);
  const { good, bad } = waiting.get(data.id) ?? { good() {}, bad: e => say(e.message) };
  waiting.delete(data.id);
  if (data.error === undefined) good(data.result);
  else bad(new Error(data.error));
};
worker.onerror = e => say(`the machine's worker failed: ${e.message ?? 'this browser has no module workers'}`);

function say(text) {
  $('said').textContent += text + '\n';
  $('said').scrollTop = $('said').scrollHeight;
}
const attempt = work => async (...args) => { try { await work(...args); } catch (e) { say(e.message); } };

// ---- what it is made of ----

// The debugger is fetched when it is wanted: by a link or a choice before the machine, else behind the machine's first second.
const attach = async () => ask('attach', { module: await parts.debuggerModule() });
// The machine's part is here before somebody has chosen what it is to run.
parts.machine().catch(e => say(e.message));
parts.firmware().catch(e => say(e.message));

const drives = new Drives($('drives'), attempt(async (option, file) => {
  if (runs && changeable(option) !== undefined) await put(changeable(option), file);
}));
$('cpu').append(...CPUS.map(name => new Option(name)));

const put = async (drive, file) => {
  await ask('insert', { drive, name: file?.name, blob: file });
  say(file ? `${file.name} is in the drive` : 'the drive is empty');
};

function options() {
  const words = ['-m', $('m').value, '-speed', $('speed').value, '-drives', $('drivespeed').value, '-serial', 'page'];
  if ($('cpu').value !== 'max') words.push('-cpu', $('cpu').value);
  if ($('debug').checked) words.push('-debug');
  return [...words, ...drives.words($('append').value)];
}

async function start(words = options(), files = undefined) {
  $('said').textContent = '';
  Object.values(papers).forEach(paper => paper.clear());
  $('told').textContent = '';
  const [module, firmware, debuggerModule] = await Promise.all([parts.machine(), parts.firmware(), words.includes('-debug') ? parts.debuggerModule() : undefined]);
  files ??= drives.files();
  await ask('start', { module, debuggerModule, firmware, options: words, files, keeps: $('keep').checked });
  runs = true;
  paused = false;
  $('hint').hidden = true;
  $('machine').open = false;
  $('pause').textContent = 'Pause';
  for (const id of ['pause', 'reset', 'power', 'shot', 'save', 'full', 'command']) $(id).disabled = false;
  $('screen').focus();
  if (matchMedia('(pointer: coarse)').matches && $('board').hidden) $('keys').click();
  setTimeout(attempt(attach), 1000);
}
$('setup').onsubmit = attempt(async event => { event.preventDefault(); await start(); });
$('speed').onchange = attempt(async () => { if (runs) await ask('speed', { speed: $('speed').value }); });

// ---- dropped files ----

addEventListener('dragover', event => { event.preventDefault(); $('screen').classList.add('drop'); });
addEventListener('dragleave', () => $('screen').classList.remove('drop'));
// Onto a drive's row: into that drive. Elsewhere a floppy or CD is a new medium for the machine that runs; anything else is a machine's, which starts.
addEventListener('drop', attempt(async event => {
  event.preventDefault();
  $('screen').classList.remove('drop');
  const files = [...event.dataTransfer.files], option = event.target.closest?.('[data-drive]')?.dataset.drive;
  if (!files.length) return;
  if (option) return drives.choose(option, files[0]);
  const medium = runs && files.length === 1 ? await mediumFor(files[0]) : undefined;
  if (medium) return drives.choose(medium, files[0]);
  const { to, left } = files.length > 1 ? await sorted(files) : { to: { image: files[0] }, left: [] };
  drives.clear();
  for (const [name, file] of Object.entries(to)) drives.choose(name, file, false);
  await start();
  if (left.length) say(`left out, for there is no drive left: ${left.join(', ')}`);
}));

// ---- keys and mouse ----

const down = new Set();
function key(usage, isDown) {
  if (isDown) down.add(usage);
  else if (!down.delete(usage)) return;
  tell('key', { usage, down: isDown });
}
$('screen').addEventListener('keydown', event => {
  const text = $('layout').value === 'character' ? typed(event) : null;
  const usage = USAGE[event.code];
  if (!runs || !(text || usage)) return;
  event.preventDefault();
  if (text) tell('type', { text });
  else if (!event.repeat) key(usage, true);
});
$('screen').addEventListener('keyup', event => { if (USAGE[event.code]) { event.preventDefault(); key(USAGE[event.code], false); } });
const letGo = () => [...down].forEach(usage => key(usage, false));
$('screen').addEventListener('blur', letGo);
addEventListener('blur', letGo);

const captured = () => document.pointerLockElement === $('screen');
const buttons = event => tell('buttons', { bits: event.buttons & 7 });
$('screen').addEventListener('mousedown', event => {
  $('screen').focus();
  if (!runs) return;
  event.preventDefault();
  if (captured()) return buttons(event);
  $('screen').requestPointerLock?.();
});
$('screen').addEventListener('mouseup', event => { if (captured()) buttons(event); });
$('screen').addEventListener('mousemove', event => { if (captured() && (event.movementX || event.movementY)) tell('mouse', { dx: event.movementX, dy: event.movementY, dz: 0 }); });
$('screen').addEventListener('wheel', event => { if (captured()) { event.preventDefault(); tell('mouse', { dx: 0, dy: 0, dz: Math.sign(event.deltaY) }); } }, { passive: false });
$('screen').addEventListener('contextmenu', event => event.preventDefault());
// A finger moves the mouse; a tap is a click.
let finger = null;
$('screen').addEventListener('touchstart', event => { const t = event.touches[0]; finger = { x: t.clientX, y: t.clientY, moved: false }; }, { passive: true });
$('screen').addEventListener('touchmove', event => {
  const t = event.touches[0], dx = Math.round(t.clientX - finger.x), dy = Math.round(t.clientY - finger.y);
  if (!dx && !dy) return;
  Object.assign(finger, { x: t.clientX, y: t.clientY, moved: true });
  tell('mouse', { dx, dy, dz: 0 });
}, { passive: true });
$('screen').addEventListener('touchend', () => { if (finger && !finger.moved) { tell('buttons', { bits: 1 }); setTimeout(() => tell('buttons', { bits: 0 }), 60); } });

$('keys').onclick = () => {
  const on = $('board').hidden;
  $('board').hidden = !on;
  $('keys').setAttribute('aria-pressed', on);
  if (on) keyboardOn($('board'), key);
};

// ---- buttons ----

$('pause').onclick = () => {
  paused = !paused;
  tell('pause', { on: paused });
  $('pause').textContent = paused ? 'Run' : 'Pause';
  $('status').textContent = paused ? 'paused' : '';
};
$('reset').onclick = () => tell('reset');
$('power').onclick = () => tell('power');
$('full').onclick = () => $('screen').requestFullscreen();
function download(name, blob) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name.split('/').pop();
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
$('shot').onclick = attempt(async () => download('vitrine.png', await ask('shot')));

// ---- what the browser keeps ----

let kept;
const shelved = async () => kept ??= await shelf();
$('save').onclick = attempt(async () => {
  const all = await ask('save'), name = `${Object.keys(all.files)[0] ?? 'built-in program'}, ${new Date().toLocaleString()}`;
  await (await shelved()).put('states', { name, ...all });
  await showKept();
});

function keptRow(kind, entry, word, act) {
  const line = document.createElement('li'), button = (title, work) => {
    const b = document.createElement('button');
    b.textContent = title;
    b.onclick = attempt(work);
    return b;
  };
  line.dataset.kept = kind;
  const name = document.createElement('span');
  name.textContent = `${kind === 'disks' ? 'Disk' : 'State'}: ${entry.name}`;
  line.append(name, button(word, act), button('Forget', async () => { await (await shelved()).remove(kind, entry.name); await showKept(); }));
  if (kind === 'disks') line.insertBefore(button('Download', () => download(entry.name, entry.blob)), line.lastChild);
  return line;
}

async function showKept() {
  const s = await shelved(), disks = await s.list('disks'), states = await s.list('states');
  $('kept').replaceChildren(...disks.map(d => keptRow('disks', d, 'Use', () => drives.choose(d.option ?? 'image', new File([d.blob], d.name)))),
    ...states.map(t => keptRow('states', t, 'Load', async () => {
      await start(t.options, t.files);
      await ask('load', { state: t.state });
    })));
}
attempt(showKept)();

// ---- the serial terminal, and what is written to port E9h: Latin-1, with carriage return and backspace as a printer has them ----

class Paper {
  constructor(place) { this.place = place; this.clear(); }
  clear() { this.rows = ['']; this.column = 0; this.place.textContent = ''; }
  print(bytes) {
    for (const b of bytes) {
      const row = this.rows.at(-1);
      if (b === 10) { this.rows.push(''); this.column = 0; }
      else if (b === 13) this.column = 0;
      else if (b === 8) this.column = Math.max(0, this.column - 1);
      else if (b >= 32 || b === 27) this.rows[this.rows.length - 1] = row.slice(0, this.column).padEnd(this.column) + String.fromCharCode(b) + row.slice(++this.column);
    }
    this.rows = this.rows.slice(-2000);
    this.place.textContent = this.rows.join('\n').replace(/\x1b\[[0-9;?]*[A-Za-z]|\x1b./g, '');
    this.place.scrollTop = this.place.scrollHeight;
  }
}
const papers = { 0: new Paper($('line')), '-1': new Paper($('console')) };
const SERIAL = { Enter: '\r', Backspace: '\x7f', Tab: '\t', Escape: '\x1b', ArrowUp: '\x1b[A', ArrowDown: '\x1b[B', ArrowRight: '\x1b[C', ArrowLeft: '\x1b[D' };
$('line').addEventListener('keydown', event => {
  const c = event.key, sent = event.ctrlKey && /^[a-z]$/i.test(c) ? String.fromCharCode(c.toUpperCase().charCodeAt(0) - 64)
    : SERIAL[c] ?? (c.length === 1 && !event.ctrlKey && !event.metaKey ? c : null);
  if (!runs || sent === null) return;
  event.preventDefault();
  tell('serial', { bytes: new TextEncoder().encode(sent) });
});

// ---- the debugger ----

const lines = [];
let at = 0;
function show(words) {
  $('told').textContent += words.endsWith('\n') ? words : words + '\n';
  $('told').scrollTop = $('told').scrollHeight;
}
const command = attempt(async line => {
  if (!runs) await start();
  await attach();
  show(`vitrine> ${line}`);
  show(await ask('command', { line }));
});
const explains = () => tell('explains', { on: $('explains').checked });
$('explains').onchange = explains;
explains();
$('steps').onclick = event => { if (event.target.dataset.command !== undefined) command(event.target.dataset.command); };
$('prompt').onsubmit = event => {
  event.preventDefault();
  const line = $('command').value;
  if (line) lines.push(line);
  at = lines.length;
  $('command').value = '';
  command(line);
};
$('command').addEventListener('keydown', event => {
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!by) return;
  at = Math.max(0, Math.min(lines.length, at + by));
  $('command').value = lines[at] ?? '';
  event.preventDefault();
});

function lamp(drive, accesses) {
  const option = ['fda', 'fdb', 'hda', 'hdb', 'cdrom', 'hdd'][drive];
  drives.lamp(option, lamp.seen?.[drive] !== undefined && accesses > lamp.seen[drive]);
  (lamp.seen ??= [])[drive] = accesses;
}

// ---- it begins ----

// A link starts a machine: ?fda=URL&m=16&debug=b 7c00;c. A drive's, kernel's or initrd's value is an address, others are options.
async function fromLink() {
  const query = new URLSearchParams(location.search), commands = [];
  let any = false;
  for (const [name, value] of query) {
    if (name === 'image' || DRIVES.some(([option]) => option === name)) {
      drives.choose(name, new File([await (await parts.fetched(value)).blob()], value.split('/').pop()), false);
      any = true;
    } else if (name === 'debug') {
      $('debug').checked = true;
      commands.push(value);
    } else if (name === 'explain') {
      $('explains').checked = true;
      tell('explains', { on: true });
    } else if (name === 'start') {
      any = true;
    } else if (['m', 'cpu', 'speed', 'append'].includes(name)) {
      if ($(name).options && ![...$(name).options].some(o => o.value === value)) $(name).add(new Option(value));
      $(name).value = value;
    } else {
      say(`the link's '${name}' means nothing here; expected ${['image', ...DRIVES.map(d => d[0]), 'm', 'cpu', 'speed', 'append', 'debug', 'explain', 'start'].join(', ')}`);
    }
  }
  if (any || commands.length) await start();
  for (const line of commands) await command(line);
}
const canvas = $('canvas').transferControlToOffscreen?.();
if (canvas) tell('canvas', { canvas }, [canvas]);
else say('this browser has no OffscreenCanvas; expected Chromium 69, Firefox 105, Safari 16.4 or later');
attempt(fromLink)();

// For scripts and tests: what the machine's screen says, its hash and time.
globalThis.vitrine = { look: () => ask('look'), ask };

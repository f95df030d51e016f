// worker.mjs - the machine's thread in a page. It runs in pieces between the page's messages, in step with the browser's clock, and draws
// on the canvas that the page has handed over. A message { act, id, ... } is answered by { id, result } or { id, error }; what happens by
// itself is told as { tell, ... }.
import { Vitrine } from './vitrine.mjs';
import { BlobFile, shelf } from './disks.mjs';

const PIECE_MS = 12, PICTURE_MS = 15, STATUS_MS = 250, KEEP_MS = 3000;
const me = { pc: null, files: {}, paused: false, ended: null, timer: 0, waiting: false };
const tell = (what, more = {}, transfer = []) => postMessage({ tell: what, ...more }, transfer);
const soon = new MessageChannel();

// ---- it runs ----

function draw(all = false) {
  const frame = me.pc.frame(all);
  if (!frame) return;
  const { width, height, square, pixels } = frame;
  if (me.canvas.width !== width || me.canvas.height !== height || me.square !== square) {
    me.canvas.width = width;
    me.canvas.height = height;
    me.square = square;
    tell('shape', { width, height, square });
  }
  me.context.putImageData(new ImageData(pixels, width, height), 0, 0);
}

function lines() {
  for (const line of [0, -1]) {
    const bytes = me.pc.serialOutput(line);
    if (bytes.length) tell('serial', { line, bytes });
  }
}

function status(now) {
  const { pc } = me, seconds = (now - me.statusAt) / 1000, mips = (pc.instructions - me.statusInsns) / seconds / 1e6;
  tell('status', { mips: seconds < 10 ? mips : 0, seconds: pc.now / 1e9, percent: pc.percent, leds: pc.leds,
    accesses: [0, 1, 2, 3, 4, 5].map(drive => pc.drive(drive).accesses) });
  me.statusAt = now;
  me.statusInsns = pc.instructions;
}

function step() {
  me.waiting = false;
  clearTimeout(me.timer);
  const { pc } = me;
  if (!pc || me.paused || me.ended !== null) return;
  const reason = pc.runPaced(PIECE_MS), now = performance.now();
  if (reason || now - me.drawnAt > PICTURE_MS) {
    draw();
    me.drawnAt = now;
  }
  lines();
  const words = pc.told();                                      // of a stop that went on
  if (words && !reason) tell('words', { words });
  if (now - me.statusAt > STATUS_MS) status(now);
  if (now - me.keptAt > KEEP_MS) keep(now);
  if (reason) return stopped(reason, words);
  const idle = pc.idle();
  if (idle >= 1) me.timer = setTimeout(step, Math.min(idle, PICTURE_MS));
  else again();
}

function again() {
  if (me.waiting) return;
  me.waiting = true;
  soon.port2.postMessage(0);
}

const explained = () => me.explains && me.pc.inDebugger ? me.pc.command('explain') : '';

function stopped(reason, words) {
  me.ended = reason;
  draw();
  status(performance.now());
  tell('stopped', { reason, inDebugger: reason === Vitrine.IN_DEBUGGER, text: me.pc.reasonText(reason),
    told: words + explained() });
}

function goOn() {
  me.ended = null;
  me.pc.gap();
  again();
}

// ---- disks are kept ----

// The option that has brought it; undefined: none has, the program finds out what it is.
function driveOf(name) {
  const before = me.options[me.options.indexOf(name.replaceAll(',', ',,')) - 1] ?? '';
  return /^-(fd[ab]|hd[abd])$/.test(before) ? before.slice(1) : undefined;
}

async function keep(now) {
  me.keptAt = now;
  if (!me.keeps) return;
  for (const [name, file] of Object.entries(me.files)) {
    if (!file.dirty) continue;
    file.dirty = false;
    try {
      await (me.shelf ??= await shelf()).put('disks', { name, option: driveOf(name), blob: file.whole() });
      tell('kept', { name });
    } catch (e) {
      tell('said', { line: `${name} cannot be kept in this browser: ${e.message}` });
    }
  }
}

// ---- what the page asks for ----

const acts = {
  canvas({ canvas }) {
    me.canvas = canvas;
    me.context = canvas.getContext('2d', { alpha: false });
  },

  async start({ module, debuggerModule, options, files, firmware, keeps }) {
    const disks = Object.fromEntries(Object.entries(files).map(([name, blob]) => [name, new BlobFile(blob)]));
    const pc = await Vitrine.create({ module, debuggerModule, options, files: { ...disks, ...firmware },
      say: line => tell('said', { line }), put: (name, bytes) => tell('put', { name, bytes }, [bytes.buffer]) });
    Object.assign(me, { pc, files: disks, options, firmware, module, keeps, paused: false, ended: null, drawnAt: 0, keptAt: performance.now(),
      statusAt: performance.now(), statusInsns: 0 });
    draw(true);
    again();
  },

  key({ usage, down }) { me.pc?.key(usage, down); },
  type({ text }) { me.pc?.type(text); },
  mouse({ dx, dy, dz }) { me.pc?.mouse(dx, dy, dz); },
  buttons({ bits }) { me.pc?.buttons(bits); },
  serial({ bytes }) { me.pc.serialInput(bytes); },
  reset() { me.pc.reset(); if (me.ended !== null && me.ended !== Vitrine.IN_DEBUGGER) goOn(); },
  power() { me.pc.powerButton(); },
  speed({ speed }) { me.pc.setSpeed(speed); },
  pause({ on }) { me.paused = on; if (!on) me.pc.gap(); },

  insert({ drive, name, blob }) {
    if (blob) {
      const file = new BlobFile(blob);
      me.pc.files.set(name, file);
      me.files[name] = file;
    }
    me.pc.insert(drive, blob ? name : null);
  },

  async shot() {
    const blob = await me.canvas.convertToBlob({ type: 'image/png' });
    return blob;
  },

  // Everything that the machine goes on from: its state, what it was made of, what its disks hold now.
  save() {
    return { state: new Blob([me.pc.save()]), options: me.options, files: Object.fromEntries(Object.entries(me.files).map(([name, file]) => [name, file.whole()])) };
  },
  async load({ state }) {
    me.pc.load(new Uint8Array(await state.arrayBuffer()));
    draw(true);
    if (me.ended !== Vitrine.IN_DEBUGGER) goOn();
  },

  // The debugger's module, when the page has it.
  async attach({ module }) { await me.pc?.attach(module); },

  command({ line }) {
    const running = me.ended === null, before = me.pc.instructions;
    let text = me.pc.command(line);
    if (running && line && line !== 'c') text += me.pc.command(line);       // the first has stopped it
    if (me.pc.instructions !== before || running) text += explained();
    draw();
    if (!me.pc.inDebugger) {                                    // it has been let go
      goOn();
    } else if (running) {
      me.ended = Vitrine.IN_DEBUGGER;
      tell('stopped', { reason: Vitrine.IN_DEBUGGER, inDebugger: true, text: 'in the debugger', told: '' });
    }
    return text;
  },

  text() { return me.pc.screenText(); },
  // Wherever it comes to stand still, the instruction that comes next.
  explains({ on }) { me.explains = on; },

  look() { return { text: me.pc.screenText(), hash: me.pc.hash(), now: me.pc.now, instructions: me.pc.instructions, ended: me.ended }; },
};

soon.port1.onmessage = step;
onmessage = async ({ data }) => {
  try {
    const result = await acts[data.act](data);
    if (data.id) postMessage({ id: data.id, result });
    if (me.pc) again();
  } catch (e) {
    postMessage({ id: data.id, error: e.message });
  }
};

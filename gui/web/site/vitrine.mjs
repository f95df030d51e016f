// vitrine.mjs - an x86 PC in JavaScript: the module MACHINE and the files that it sees. For pages, workers and Node alike; knows
// neither a screen nor a keyboard. gui/web/face.h and face_debug.h say what each export promises.
//
//     const pc = await Vitrine.create({ module, options: ['-fda', 'dos.img', '-clock', 'virtual'], files: { 'dos.img': bytes, ...firmware } });
//     while (pc.run(pc.now + 1e9) === Vitrine.TIME && !pc.screenText().includes('A:\\>'));

import { link } from './linking.mjs';

const text = new TextDecoder(), latin = new TextDecoder('latin1'), utf8 = new TextEncoder();

// A file whose bytes lie in memory. Whoever has them elsewhere gives an object with the same four members.
export class MemoryFile {
  constructor(bytes, readOnly = false) { this.bytes = new Uint8Array(bytes); this.readOnly = readOnly; }
  get size() { return this.bytes.length; }
  // Fill `to` from `at` on; how many bytes there were. Synchronous, as all of these.
  read(at, to) {
    const part = this.bytes.subarray(at, at + to.length);
    to.set(part);
    return part.length;
  }
  write(at, from) {
    if (at + from.length > this.size) this.resize(at + from.length);
    this.bytes.set(from, at);
    return from.length;
  }
  resize(size) {
    const bytes = new Uint8Array(size);
    bytes.set(this.bytes.subarray(0, size));
    this.bytes = bytes;
  }
}

const ABSENT = -1, DENIED = -2, FAILED = -3, FULL = -4;         // host/web/page.h

// What the module imports. `memory()` is its memory, which moves as it grows.
class Host {
  constructor(files, say, put) {
    this.files = files;
    this.open = [];
    this.say = say;
    this.put = put;
    this.kept = { 1: '', 2: '' };
  }
  bytes(at, n) { return new Uint8Array(this.memory.buffer, at, n); }
  name(at, n) { return text.decode(this.bytes(at, n)); }

  // Lines, as whole ones.
  write(handle, bytes) {
    const lines = (this.kept[handle] + text.decode(bytes)).split('\n');
    this.kept[handle] = lines.pop();
    for (const line of lines) this.say(line, handle);
  }
  attempt(work) {
    try { return work(); } catch (e) {
      this.say(`vitrine: ${e.message}`, 2);
      return e.name === 'QuotaExceededError' ? FULL : FAILED;
    }
  }

  imports() {
    return {
      now: () => performance.now(),
      date: () => Date.now() / 1000,
      file_size: (at, n) => this.files.get(this.name(at, n))?.size ?? -1,
      file_open: (at, n, write) => {
        const file = this.files.get(this.name(at, n));
        if (!file) return ABSENT;
        return write && file.readOnly ? DENIED : this.open.push(file) - 1;
      },
      file_close: number => { this.open[number] = null; },
      file_bytes: number => this.open[number].size,
      file_read: (number, at, to, n) => this.attempt(() => this.open[number].read(at, this.bytes(to, n))),
      file_write: (number, at, from, n) => this.attempt(() => this.open[number].write(at, this.bytes(from, n))),
      file_resize: (number, size) => this.attempt(() => { this.open[number].resize(size); return 0; }),
      file_put: (at, n, from, size) => this.attempt(() => { this.put(this.name(at, n), this.bytes(from, size).slice()); return 0; }),
      say: (handle, from, n) => this.write(handle, this.bytes(from, n)),
    };
  }

  // What wasi-libc asks for: standard output and error, and no more.
  wasi(names) {
    const known = {
      fd_write: (fd, vectors, n, result) => {
        const view = new DataView(this.memory.buffer);
        let all = 0;
        for (let k = 0; k < n; k++) {
          const from = view.getUint32(vectors + 8 * k, true), size = view.getUint32(vectors + 8 * k + 4, true);
          this.write(fd, this.bytes(from, size));
          all += size;
        }
        view.setUint32(result, all, true);
        return 0;
      },
      environ_sizes_get: (count, size) => {
        const view = new DataView(this.memory.buffer);
        view.setUint32(count, 0, true);
        view.setUint32(size, 0, true);
        return 0;
      },
      environ_get: () => 0,
      proc_exit: code => { throw new Error(`the emulator ended with code ${code}`); },
    };
    const unknown = 52;                                          // WASI's ENOSYS
    return Object.fromEntries(names.map(name => [name, known[name] ?? (() => unknown)]));
  }
}

export class Vitrine {
  // Why run() came back: enum vitrine_reason of include/vitrine.h, and WEB_IN_DEBUGGER.
  static TIME = 0; static POWER_OFF = 1; static DEBUG_EXIT = 2; static TRIPLE_FAULT = 3; static RESET = 4; static HALTED = 5;
  static INSTRUCTIONS = 6; static IN_DEBUGGER = 32;
  // Drives of insert() and drive().
  static FDA = 0; static FDB = 1; static HDA = 2; static HDB = 3; static HDC = 4; static HDD = 5;

  // module: a WebAssembly.Module of vitrine.wasm; debuggerModule: of vitrine-debugger.wasm, which attach() can bring later. options: the
  // words of the program's command line. files: { name: bytes or a file }, firmware among them (see README); names: instead, a Map or
  // what has its get(). say(line, handle): messages; handle 2 is standard error. put(name, bytes): a file that the debugger wrote.
  // Throws an Error whose message is what is wrong with the options or files.
  static async create({ module, debuggerModule, options = [], files = {}, names, say = () => {}, put = () => {} }) {
    if (options.includes('-debug') && !debuggerModule) throw new Error('-debug: expected the debugger\'s module, too (debuggerModule)');
    const named = names ?? new Map(Object.entries(files).map(([name, file]) => [name, file instanceof Uint8Array || file instanceof ArrayBuffer ?
      new MemoryFile(file) : file]));
    const lines = [];
    const host = new Host(named, (line, handle) => { lines.push(line); say(line, handle); }, put);
    const wants = WebAssembly.Module.imports(module).filter(i => i.module !== 'vitrine').map(i => i.name);
    const instance = await WebAssembly.instantiate(module, { vitrine: host.imports(), wasi_snapshot_preview1: host.wasi(wants) });
    host.memory = instance.exports.memory;
    instance.exports._initialize();
    const pc = new Vitrine(instance.exports, host);
    const words = utf8.encode(options.map(word => word + '\0').join(''));
    pc.web = pc.lend(words, at => pc.e.web_new(at, words.length));
    if (!pc.web) throw new Error(lines.map(line => line.replace(/^vitrine: /, '')).join('\n') || 'the machine could not be made');
    lines.push = () => 0;
    if (debuggerModule) await pc.attach(debuggerModule);
    return pc;
  }
  constructor(exports, host) { this.e = exports; this.host = host; }
  free() { this.e.web_free(this.web); this.web = 0; }
  get files() { return this.host.files; }

  // Bytes into the module's memory for the length of a call.
  lend(bytes, call) {
    const at = this.e.web_bytes(bytes.length);
    if (!at) throw new Error(`there is no memory for ${bytes.length} bytes`);
    this.host.bytes(at, bytes.length).set(bytes);
    try { return call(at); } finally { this.e.web_release(at); }
  }
  lendText(string, call) { return this.lend(utf8.encode(string + '\0'), call); }
  text(at) {
    const all = new Uint8Array(this.host.memory.buffer);
    return text.decode(all.subarray(at, all.indexOf(0, at)));
  }
  // A text that is empty, or why not.
  good(at) {
    const why = this.text(at);
    if (why) throw new Error(why);
  }

  // ---- it runs ----
  // To this virtual time (ns), or for so many milliseconds of the host: with -clock virtual the same run everywhere.
  run(until, ms = Infinity) { return this.e.web_run(this.web, until, ms); }
  // For so many milliseconds, in step with the host's clock; then idle() says how long it may be left alone.
  runPaced(ms) { return this.e.web_run_paced(this.web, ms); }
  idle() { return this.e.web_idle(this.web); }
  gap() { this.e.web_gap(this.web); }
  get now() { return this.e.web_now(this.web); }
  get instructions() { return this.e.web_instructions(this.web); }
  get exitCode() { return this.e.web_exit_code(this.web); }
  get percent() { return this.e.web_percent(this.web); }
  reasonText(reason) { return this.text(this.e.web_reason_text(reason)); }

  // ---- what it shows ----
  // { width, height, square, pixels (RGBA, good until the next call) }, or null if it is as it was.
  frame(all = false) {
    const at = this.e.web_frame(this.web, all);
    if (!at) return null;
    const width = this.e.web_width(this.web), height = this.e.web_height(this.web);
    return { width, height, square: !!this.e.web_square(this.web),
      pixels: new Uint8ClampedArray(this.host.memory.buffer, at, width * height * 4) };
  }
  screenText() { return this.text(this.e.web_screen_text(this.web)); }
  hash() { return this.text(this.e.web_hash(this.web)); }
  screenHash() { return this.text(this.e.web_screen_hash(this.web)); }
  get leds() { return this.e.web_leds(this.web); }

  // ---- what a person does ----
  key(usage, down) { this.e.web_key(this.web, usage, down); }
  type(string) { this.good(this.lendText(string, at => this.e.web_type(this.web, at))); }
  mouse(dx, dy, dz = 0) { this.e.web_mouse(this.web, dx, dy, dz); }
  buttons(bits) { this.e.web_buttons(this.web, bits); }
  reset() { this.e.web_reset(this.web); }
  powerButton() { this.e.web_power_button(this.web); }
  setSpeed(speed) { this.good(this.lendText(speed, at => this.e.web_speed(this.web, at))); }
  // A file of `files` into a floppy or CD drive; null takes the medium out.
  insert(drive, name, force = false) {
    this.good(name === null ? this.e.web_insert(this.web, drive, 0, force) : this.lendText(name, at => this.e.web_insert(this.web, drive, at, force)));
  }
  // { kind: none, floppy, disk or cd; state: empty, full or locked; name; accesses }
  drive(drive) {
    const [kind, state, ...name] = this.text(this.e.web_drive(this.web, drive)).split(' ');
    return { kind, state, name: name.join(' '), accesses: this.e.web_accesses(this.web, drive) };
  }
  // What the guest has sent over COM1 (0), COM2 (1), to port E9h (-1) since the last time.
  serialOutput(line = 0) {
    const n = this.e.web_serial_ready(this.web, line);
    return n ? this.host.bytes(this.e.web_serial_take(this.web, line), n).slice() : new Uint8Array(0);
  }
  serialText(line = 0) { return latin.decode(this.serialOutput(line)); }
  serialInput(bytes, line = 0) {
    const all = typeof bytes === 'string' ? utf8.encode(bytes) : bytes;
    this.lend(all, at => this.e.web_serial_give(this.web, line, at, all.length));
  }

  // ---- its state ----
  save() {
    const n = this.e.web_save(this.web);
    if (!n) throw new Error('there is no memory for the saved state');
    return this.host.bytes(this.e.web_saved(this.web), n).slice();
  }
  stateText() { return this.text(this.e.web_state_text(this.web)); }
  load(bytes) { this.good(this.lend(bytes, at => this.e.web_load(this.web, at, bytes.length))); }

  // ---- the debugger ----
  // It comes in a module of its own, before or while the machine runs, which does not notice.
  attach(debuggerModule) {
    return this.attaching ??= link(debuggerModule, this.e, bytes => this.e.web_bytes(bytes)).then(exports => {
      this.d = exports;
      this.d.web_attach(this.web);
    });
  }
  get attached() { return !!this.d; }
  get debugger() {
    if (!this.d) throw new Error('there is no debugger yet: expected attach() with its module, vitrine-debugger.wasm');
    return this.d;
  }
  // One command line, or several with ; between them: what they say. After a `continue` run() and runPaced() go on, until they come back with IN_DEBUGGER: told() is why.
  command(line) { return this.text(this.lendText(line, at => this.debugger.web_command(this.web, at))); }
  told() { return this.d ? this.text(this.d.web_told(this.web)) : ''; }
  get inDebugger() { return !!this.d?.web_in_debugger(this.web); }
  stop() { return this.text(this.debugger.web_stop(this.web)); }
}

// Which of the machine's modules is for this engine of WebAssembly: with tail calls it is faster by a half. The same machine, and its debugger fits both.
// The test is a module whose one function calls itself so (WebAssembly specification 3.0, "Binary Format", return_call).
const TAIL_CALL = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 6, 1, 4, 0, 0x12, 0, 11);
export const MACHINE = WebAssembly.validate(TAIL_CALL) ? 'vitrine-tail.wasm' : 'vitrine.wasm';

// What SeaBIOS of a distribution is called for the module.
export const FIRMWARE = { bios: '/share/seabios/bios-256k.bin', vgabios: '/share/seabios/vgabios-stdvga.bin' };

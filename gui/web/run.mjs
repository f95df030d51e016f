// run.mjs - in Node: a machine without a page, as the program runs one with -display none -clock virtual.
//     node run.mjs [--module FILE] [--beside FILE] [--text] [--time] [--state FILE] OPTION...
//     --module FILE   vitrine.wasm     --beside FILE   another, which must end in the same state     --text   print the screen's text     --time   print the speed     --state FILE   the state as text
// What the guest writes to port E9h goes to standard output; at the end the state's hash is printed as -statehash does. Images stay as they
// are. The exit code is the program's (README.md, "Exit codes"). Nobody waits for what -expect names, nor types what -send does.
import fs from 'node:fs';
import path from 'node:path';
import { Vitrine } from './site/vitrine.mjs';

// A file of this host; what is written to it stays in memory.
class HostFile {
  constructor(name) { this.fd = fs.openSync(name, 'r'); this.pages = new Map(); this.end = fs.fstatSync(this.fd).size; }
  get size() { return this.end; }
  page(number) {
    if (!this.pages.has(number)) {
      const page = new Uint8Array(4096);
      fs.readSync(this.fd, page, 0, 4096, number * 4096);
      this.pages.set(number, page);
    }
    return this.pages.get(number);
  }
  read(at, to) {
    const n = Math.max(0, Math.min(to.length, this.end - at));
    if (!this.pages.size) return fs.readSync(this.fd, to, 0, n, at);
    for (let k = 0; k < n;) {
      const inside = (at + k) % 4096, part = Math.min(4096 - inside, n - k);
      to.set(this.page(Math.floor((at + k) / 4096)).subarray(inside, inside + part), k);
      k += part;
    }
    return n;
  }
  write(at, from) {
    for (let k = 0; k < from.length;) {
      const inside = (at + k) % 4096, part = Math.min(4096 - inside, from.length - k);
      this.page(Math.floor((at + k) / 4096)).set(from.subarray(k, k + part), inside);
      k += part;
    }
    this.end = Math.max(this.end, at + from.length);
    return from.length;
  }
  resize(size) { this.end = size; }
}

// Any file of the host, by its name; the firmware where distributions put it.
class HostFiles extends Map {
  get(name) {
    if (!super.has(name)) {
      const real = name.replace(/^\/share\//, '/usr/share/');
      if (!fs.existsSync(real) || !fs.statSync(real).isFile()) return undefined;
      super.set(name, new HostFile(real));
    }
    return super.get(name);
  }
}

const words = process.argv.slice(2);
const take = (name, n) => { const at = words.indexOf(name); return at < 0 ? undefined : words.splice(at, n)[n - 1]; };
const file = take('--module', 2) ?? path.join(path.dirname(new URL(import.meta.url).pathname), 'vitrine.wasm');
const other = take('--beside', 2), state = take('--state', 2);
// What the program does with these is done here, or is not wanted: the debug console always goes to standard output.
const without = (name, n) => { while (take(name, n) !== undefined) ; };
for (const name of ['-display', '-debugcon', '-timeout', '-clock', '-expect', '-send', '-wait']) without(name, 2);
without('-statehash', 1);
const shows = take('--text', 1), times = take('--time', 1);
const machine = (module, say) => Vitrine.create({ module: new WebAssembly.Module(fs.readFileSync(module)), options: [...words, '-clock', 'virtual'],
  files: {}, names: new HostFiles(), say }).catch(e => { process.exit(2); });
function run(pc, write) {
  let reason;
  do {
    reason = pc.run(Infinity, 100);
    write(pc.serialOutput(-1));
  } while (reason === Vitrine.TIME);
  return reason;
}
const pc = await machine(file, (line, handle) => process[handle === 1 ? 'stdout' : 'stderr'].write(line + '\n'));
const began = performance.now(), reason = run(pc, bytes => process.stdout.write(bytes));
const ms = performance.now() - began;
if (state) fs.writeFileSync(state, pc.stateText());
if (shows) console.log(pc.screenText());
if (times) console.log(`${(pc.instructions / ms / 1000).toFixed(1)} million instructions a second`);
console.log(`state hash ${pc.hash()} after ${pc.instructions} instructions`);
if (other) {
  const second = await machine(other, () => {}), its = run(second, () => {});
  if (its !== reason || second.hash() !== pc.hash() || second.instructions !== pc.instructions) {
    console.error(`${other} ended in another state: ${second.hash()} after ${second.instructions} instructions`);
    process.exit(4);
  }
}
const codes = { [Vitrine.POWER_OFF]: 0, [Vitrine.DEBUG_EXIT]: pc.exitCode, [Vitrine.TRIPLE_FAULT]: 6, [Vitrine.RESET]: 6, [Vitrine.HALTED]: 6,
  [Vitrine.INSTRUCTIONS]: 10 };
process.exitCode = codes[reason] ?? 4;

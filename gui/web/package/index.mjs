// index.mjs - the package: what vitrine.mjs has, with the modules and the firmware that lie beside it, in Node, pages and workers alike.
import { FIRMWARE, MACHINE, MemoryFile, Vitrine } from './vitrine.mjs';
export { FIRMWARE, MACHINE, MemoryFile, Vitrine };

const kept = {};

// The bytes of a file of this package.
async function bytes(name) {
  const place = new URL(name, import.meta.url);
  if (place.protocol === 'file:') return new Uint8Array(await (await import('node:fs/promises')).readFile(place));
  const answer = await fetch(place);
  if (!answer.ok) throw new Error(`${place}: ${answer.status} ${answer.statusText}`);
  return new Uint8Array(await answer.arrayBuffer());
}
const once = (name, make) => kept[name] ??= bytes(name).then(make).catch(e => { delete kept[name]; throw e; });

export const machineModule = () => once(MACHINE, b => WebAssembly.compile(b));
export const debuggerModule = () => once('vitrine-debugger.wasm', b => WebAssembly.compile(b));
export async function firmware() {
  const names = Object.values(FIRMWARE);
  const all = await Promise.all(names.map(name => once('firmware/' + name.split('/').pop(), b => b)));
  return Object.fromEntries(names.map((name, k) => [name, all[k]]));
}

// A machine by the program's options, of this package's parts; `debugger: true` with its debugger.
export async function create({ debugger: debugging = false, files = {}, ...more } = {}) {
  return Vitrine.create({ module: await machineModule(), debuggerModule: debugging ? await debuggerModule() : undefined,
    files: { ...await firmware(), ...files }, ...more });
}

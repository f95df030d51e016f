// parts.mjs - what a page fetches of its server: the modules, which lie there compressed, for few servers of files compress them, and firmware.
import { FIRMWARE, MACHINE } from './vitrine.mjs';

export async function fetched(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${answer.statusText}`);
  return answer;
}

// Compiled while it comes.
async function compiled(name) {
  const { body } = await fetched(name + '.gz');
  return WebAssembly.compileStreaming(new Response(body.pipeThrough(new DecompressionStream('gzip')), { headers: { 'content-type': 'application/wasm' } }));
}

const kept = {};
const once = (name, make) => kept[name] ??= make().catch(e => { delete kept[name]; throw e; });
export const machine = (name = MACHINE) => once(name, () => compiled(name));
export const debuggerModule = () => once('vitrine-debugger.wasm', () => compiled('vitrine-debugger.wasm'));
// { name for the module: bytes }
export const firmware = () => once('firmware', async () => Object.fromEntries(await Promise.all(Object.values(FIRMWARE).map(async name =>
  [name, new Uint8Array(await (await fetched('firmware/' + name.split('/').pop())).arrayBuffer())]))));

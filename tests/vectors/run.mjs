// run.mjs MODULE [OPTION...] - in Node: the captured vectors of data/, unpacked, by the module `vectors` of gui/web/'s build.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import { WASI } from 'node:wasi';

const [file, ...options] = process.argv.slice(2);
const data = path.join(path.dirname(new URL(import.meta.url).pathname), 'data');
const place = fs.mkdtempSync(path.join(os.tmpdir(), 'vectors-'));
try {
  const names = fs.readdirSync(data).filter(name => name.endsWith('.MOO.gz')).sort();
  for (const name of names) fs.writeFileSync(path.join(place, name.slice(0, -3)), zlib.gunzipSync(fs.readFileSync(path.join(data, name))));
  const wasi = new WASI({ version: 'preview1', args: ['vectors', ...options, ...names.map(name => '/data/' + name.slice(0, -3))],
    preopens: { '/data': place } });
  globalThis.kept = wasi;                 // or Node collects it while the module calls it
  // Of the page's part (host/web/page.h) nothing is here: the files are WASI's.
  const module = new WebAssembly.Module(fs.readFileSync(file)), page = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) if (from === 'vitrine') page[name] = () => -1;
  process.exitCode = wasi.start(new WebAssembly.Instance(module, { vitrine: page, wasi_snapshot_preview1: wasi.wasiImport }));
} finally {
  fs.rmSync(place, { recursive: true });
}

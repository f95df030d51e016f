// page.mjs - the page in headless Chromium, by the events that a person makes: dropped and chosen images, keys, fingers, the mouse, the
// debugger's prompt, saved states, a link. The parts are page_*.mjs.
//     node page.mjs SITE FREEDOS.img [--only PART,...] [FOLDER]       FOLDER: pictures of the page are left there
// Exit code 77: there is no Chromium, or no nasm for the guests.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Browser, chromium, serve } from './browser.mjs';
import * as debug from './page_debug.mjs';
import * as files from './page_files.mjs';
import * as input from './page_input.mjs';
import * as run from './page_run.mjs';

const words = process.argv.slice(2), onlyAt = words.indexOf('--only');
const only = onlyAt < 0 ? null : words.splice(onlyAt, 2)[1].split(',');
const [site, dos, pictures] = words, here = path.dirname(fileURLToPath(import.meta.url));
if (!chromium() || spawnSync('nasm', ['-v']).status !== 0) {
  console.log('skipped: no chromium or no nasm (Debian: apt-get install chromium nasm)');
  process.exit(77);
}
let failed = 0;
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'vitrine-page-'));

// What each part works with.
const t = {
  dos,
  work,
  LONG: 120000,
  check(what, good, seen = '') {
    console.log(`${good ? 'ok' : 'FAILED'}: ${what}${good ? '' : ': ' + seen}`);
    failed += !good;
  },
  // A guest that is assembled: its path.
  guest(source, name, ...options) {
    execFileSync('nasm', ['-f', 'bin', ...options, '-o', path.join(work, name), path.join(here, source)]);
    return path.join(work, name);
  },
  file(name, bytes) {
    fs.writeFileSync(path.join(work, name), bytes);
    return path.join(work, name);
  },
  // The guest's screen, once this is on it; port E9h's output, once it is in it; what the page and the debugger said.
  screen: text => t.b.until(`vitrine.ask('text').then(s => s.includes(${JSON.stringify(text)}) && s)`, t.LONG),
  written: text => t.b.until(`document.getElementById('console').textContent.includes(${JSON.stringify(text)})`, t.LONG),
  console: () => t.b.js(`document.getElementById('console').textContent`),
  said: () => t.b.js(`document.getElementById('said').textContent`),
  told: () => t.b.js(`document.getElementById('told').textContent`),
  look: () => t.b.js(`vitrine.look()`),
  shot: async name => { if (pictures) await t.b.shot(path.join(pictures, name + '.png')); },
  // A line at a prompt, each key when the one before it is on the screen: a guest's buffer is small, and the host may be busy.
  async enter(line) {
    for (let k = 1; k <= line.length; k++) {
      await t.b.type(line[k - 1]);
      await t.b.until(`vitrine.ask('text').then(s => s.trimEnd().endsWith(${JSON.stringify(line.slice(0, k).trimEnd())}))`, t.LONG);
    }
    await t.b.type('\n');
  },
  // The page, loaded anew.
  async page(query = '') {
    await t.b.open('about:blank');
    await t.b.open(t.server.url + query);
    await t.b.until(`globalThis.vitrine`, t.LONG);
  },
};
t.server = await serve(site, path.dirname(dos), work);
t.b = await Browser.start();
try {
  for (const part of [run, files, input, debug].flatMap(m => m.parts)) if (!only || only.includes(part.name)) await part(t);
  t.check('nothing was thrown', !t.b.log.length, t.b.log.join('\n'));
} finally {
  await t.b.end();
  t.server.close();
  fs.rmSync(work, { recursive: true, force: true });
}
console.log(`page: failed=${failed}`);
process.exit(failed ? 1 : 0);

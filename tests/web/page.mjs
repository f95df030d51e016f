// page.mjs - the page in headless Chromium, by the events that a person makes: a dropped image, keys, the mouse, the debugger's prompt,
// a saved state, a link.
//     node page.mjs SITE FREEDOS.img MOUSE.img [FOLDER]       FOLDER: pictures of the page are left there
// Exit code 77: there is no Chromium.
import fs from 'node:fs';
import path from 'node:path';
import { Browser, chromium, serve, sleep } from './browser.mjs';

const [site, dos, mouse, pictures] = process.argv.slice(2);
if (!chromium()) {
  console.log('skipped: no chromium (Debian: apt-get install chromium)');
  process.exit(77);
}
let failed = 0;
function check(what, good, seen = '') {
  console.log(`${good ? 'ok' : 'FAILED'}: ${what}${good ? '' : ': ' + seen}`);
  failed += !good;
}
const screen = text => `vitrine.look().then(l => l.text.includes(${JSON.stringify(text)}) && l.text)`;
const server = await serve(site, path.dirname(dos), path.dirname(mouse));
const b = await Browser.start();
const shot = async name => { if (pictures) await b.shot(path.join(pictures, name + '.png')); };
const said = () => b.js(`document.getElementById('said').textContent`);
const told = () => b.js(`document.getElementById('told').textContent`);
const LONG = 120000;

async function dropped() {
  await b.open(server.url);
  await b.until(`globalThis.vitrine`, LONG);
  await b.drop('#screen', dos);
  check('a dropped floppy boots to its prompt', await b.until(screen('A:\\>'), LONG), await said());
  await b.type('ver\n');
  check('keys reach the guest', await b.until(screen('FreeCom'), LONG), await b.js(`vitrine.look().then(l => l.text)`));
  await sleep(300);
  await shot('freedos');
}

async function saved() {
  await b.click('#save');
  check('a saved state is kept in the browser', await b.until(`document.querySelector('[data-kept=states]')`, LONG), await said());
  await b.js(`document.getElementById('screen').focus()`);
  await b.type('cls\n');
  await b.until(`vitrine.look().then(l => !l.text.includes('FreeCom'))`, LONG);
  await b.open(server.url);
  await b.until(`document.querySelector('[data-kept=states] button')`, LONG);
  await b.click('[data-kept=states] button');
  check('and goes on where it was, in a page that was loaded anew', await b.until(screen('FreeCom'), LONG), await said());
}

async function debugged() {
  await b.open(server.url + '?fda=' + path.basename(dos) + '&debug=' + encodeURIComponent('b 7c00;c'));
  check('a link stops at the boot sector', await b.until(`/0000:00007c00/.test(document.getElementById('told').textContent)`, LONG), await told());
  await b.click('#command');
  await b.type('s\n');
  check('a step', await b.until(`/after \\d+ instructions[^]*after \\d+ instructions/.test(document.getElementById('told').textContent)`, LONG), await told());
  await b.click('[data-command=explain]');
  await b.click('[data-command=r]');
  check('explain and registers', await b.until(`/eip|eax/i.test(document.getElementById('told').textContent)`, LONG), await told());
  await sleep(500);
  await shot('debugger');
  const before = await b.js(`vitrine.look().then(l => l.instructions)`);
  await b.click('[data-command=c]');
  check('and on to the prompt', await b.until(screen('A:\\>'), LONG), await told());
  check('with more instructions', await b.js(`vitrine.look().then(l => l.instructions)`) > before);
}

async function moused() {
  await b.open(server.url + '?fda=' + path.basename(mouse));
  const written = `document.getElementById('console').textContent`;
  check('what is written to port E9h is shown', await b.until(`${written}.includes('\\n')`, LONG));
  const before = await b.js(written);
  await b.click('#screen');
  check('a click captures the mouse', await b.until(`document.pointerLockElement`, 5000));
  const at = await b.middle('#screen');
  for (let k = 1; k < 6; k++) await b.mouse('mouseMoved', { x: at.x + 9 * k, y: at.y + 5 * k });
  check('the guest sees it move', await b.until(`/28 09 FB/.test(${written}.slice(${before.length}))`, 10000), await b.js(written));
  await shot('mouse');
}

async function touched() {
  await b.open(server.url + '?start=1');
  await b.until(`vitrine.look().then(l => l.now > 1e9)`, LONG);
  await b.click('#keys');
  await b.click('[data-code=KeyA]');
  await sleep(1500);
  await shot('builtin');
  const now = await b.js(`vitrine.look().then(l => l.now)`);
  await b.click('#pause');
  await sleep(300);
  const first = await b.js(`vitrine.look().then(l => l.now)`);
  await sleep(500);
  check('a pause holds virtual time', first >= now && await b.js(`vitrine.look().then(l => l.now)`) === first);
}

try {
  for (const part of [dropped, saved, debugged, moused, touched]) await part();
  check('nothing was thrown', !b.log.length, b.log.join('\n'));
} finally {
  await b.end();
  server.close();
}
console.log(`page: failed=${failed}`);
process.exit(failed ? 1 : 0);

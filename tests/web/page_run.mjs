// page_run.mjs - of the page: a machine starts, pauses, runs at a speed, is pictured, saved and goes on.
import fs from 'node:fs';
import path from 'node:path';
import { sleep } from './browser.mjs';

async function dropped(t) {
  await t.page();
  await t.b.drop('#screen', t.dos);
  t.check('a dropped floppy boots to its prompt', await t.screen('A:\\>'), await t.said());
  await t.enter('ver');
  t.check('keys reach the guest', await t.screen('FreeCom'), await t.b.js(`vitrine.ask('text')`));
  await sleep(300);
  await t.shot('freedos');
}

// PNG, third edition: "IHDR Image header".
async function pictured(t) {
  const file = path.join(t.work, 'vitrine.png');
  await t.b.downloads(t.work);
  await t.b.click('#shot');
  for (let k = 0; k < 100 && !fs.existsSync(file); k++) await sleep(100);
  const png = fs.existsSync(file) ? fs.readFileSync(file) : Buffer.alloc(32);
  t.check('a screenshot is downloaded', png.subarray(1, 4).toString() === 'PNG' && png.readUInt32BE(16) === 720 && png.readUInt32BE(20) === 400,
    png.subarray(0, 24).toString('hex'));
}

async function saved(t) {
  await t.b.click('#save');
  t.check('a saved state is kept in the browser', await t.b.until(`document.querySelector('[data-kept=states]')`, t.LONG), await t.said());
  await t.b.js(`document.getElementById('screen').focus()`);
  await t.enter('cls');
  t.check('the guest goes on', await t.b.until(`vitrine.ask('text').then(s => !s.includes('FreeCom'))`, t.LONG));
  await t.page();
  await t.b.until(`document.querySelector('[data-kept=states] button')`, t.LONG);
  await t.b.click('[data-kept=states] button');
  t.check('and goes on where it was, in a page that was loaded anew', await t.screen('FreeCom'), await t.said());
  await t.enter('dir');
  t.check('with its keys and disk', await t.screen('bytes free'), await t.b.js(`vitrine.ask('text')`));
}

const instructionsIn = async (t, ms) => {
  const first = await t.look();
  await sleep(ms);
  const last = await t.look();
  return (last.instructions - first.instructions) / (last.now - first.now) * 1e9;
};

async function timed(t) {
  t.guest('../boot/mouse.asm', 'busy.img');
  await t.page('?fda=busy.img&m=16');
  await t.written('\n');
  const fast = await instructionsIn(t, 1000);
  await t.b.js(`document.getElementById('machine').open = true; document.getElementById('speed').focus()`);
  for (let k = 0; k < 5; k++) await t.b.key('ArrowDown', 'ArrowDown');                   // to the last, an 8088's
  t.check('keys choose a speed', await t.b.js(`document.getElementById('speed').value`) === '8088/4.77', await t.b.js(`document.getElementById('speed').value`));
  await sleep(500);
  const slow = await instructionsIn(t, 1000);
  t.check('a machine that runs becomes an 8088 in speed', slow < 2e6 && slow * 4 < fast, `${fast} and ${slow} instructions a second`);
  await t.b.click('#pause');
  await sleep(300);
  const first = await t.look();
  await sleep(500);
  t.check('a pause holds virtual time', (await t.look()).now === first.now);
  await t.b.click('#pause');
  t.check('and it goes on', await t.b.until(`vitrine.look().then(l => l.now > ${first.now})`, t.LONG));
  await t.b.click('#reset');
  t.check('a reset begins with the firmware', await t.screen('SeaBIOS'), await t.b.js(`vitrine.ask('text')`));
  await t.b.click('#full');
  t.check('the screen fills the display', await t.b.until(`document.fullscreenElement?.id === 'screen'`, t.LONG));
  await t.b.js(`document.exitFullscreen()`);
}

export const parts = [dropped, pictured, saved, timed];

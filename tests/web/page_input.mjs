// page_input.mjs - of the page: layouts, the keyboard on the screen, mouse and finger, the serial terminal.
import { sleep } from './browser.mjs';

// What typed.asm says of a key: scan code and character. Of a US keyboard, set 1.
const CODE = { y: '1579', z: '2C7A', a: '1E61', A: '1E41', hash: '0423' };

async function layouts(t) {
  t.guest('../boot/typed.asm', 'typed.img');
  await t.page('?fda=typed.img&m=16');
  await t.written('type');
  await t.b.js(`document.getElementById('screen').focus()`);
  await t.b.key('KeyY', 'z', 'z');              // the key right of T, on which a German keyboard has Z
  t.check('a key goes by its place', await t.written(CODE.y), await t.console());
  await t.b.js(`document.getElementById('machine').open = true; document.getElementById('layout').focus()`);
  await t.b.key('ArrowDown', 'ArrowDown');
  await t.b.js(`document.getElementById('screen').focus()`);
  await t.b.key('KeyY', 'z', 'z');
  t.check('or by its character', await t.written(CODE.z), await t.console());
  await t.b.key('Backslash', '#', '#');
  t.check('which may need another key and Shift', await t.written(CODE.hash), await t.console());
}

async function touched(t) {
  await t.b.shape(390, 844);
  t.guest('../boot/typed.asm', 'typed.img');
  await t.page('?fda=typed.img&m=16');
  await t.written('type');
  t.check('a screen that is touched has a keyboard on it', await t.b.until(`!document.getElementById('board').hidden`, t.LONG));
  await t.b.touch('[data-code=KeyA]');
  t.check('a finger types', await t.written(CODE.a), await t.console());
  await t.b.touch('[data-code=ShiftLeft]');
  t.check('Shift stays down', await t.b.js(`document.querySelector('[data-code=ShiftLeft]').className.includes('down')`));
  await t.b.touch('[data-code=KeyA]');
  t.check('for one key', await t.written(CODE.A) && !await t.b.js(`document.querySelector('[data-code=ShiftLeft]').className.includes('down')`), await t.console());
  await t.shot('keyboard');
  await t.b.js(`document.querySelector('#board select').focus()`);
  await t.b.key('ArrowDown', 'ArrowDown');
  t.check('keys have what another country prints on them', await t.b.until(`document.querySelector('[data-code=KeyY]').textContent === 'Z'`, t.LONG));
  const wide = await t.b.js(`[...document.querySelectorAll('#board button')].filter(b => b.scrollWidth > b.clientWidth + 1).map(b => b.textContent).join(' ')`);
  t.check('and none is too narrow for it', !wide && await t.b.js(`document.documentElement.scrollWidth <= innerWidth`), wide);
  t.guest('../boot/mouse.asm', 'mouse.img');
  await t.page('?fda=mouse.img&m=16');
  await t.written('\n');
  const before = (await t.console()).length;
  await t.b.touch('#screen', [9, 0], [9, 0], [9, 0]);
  t.check('a finger moves the mouse', await t.b.until(`/[02]8 0[1-9A-F] 00/.test(document.getElementById('console').textContent.slice(${before}))`, t.LONG), await t.console());
  await t.b.touch('#screen');
  t.check('a tap is a click', await t.b.until(`/09 00 00\\s+08 00 00/.test(document.getElementById('console').textContent.slice(${before}))`, t.LONG), await t.console());
  await t.b.shape();
}

async function moused(t) {
  t.guest('../boot/mouse.asm', 'mouse.img');
  await t.page('?fda=mouse.img&m=16');
  const written = `document.getElementById('console').textContent`;
  t.check('what is written to port E9h is shown', await t.written('\n'));
  const before = (await t.console()).length, at = await t.b.middle('#screen'), left = { button: 'left', clickCount: 1 };
  await t.b.mouse('mouseMoved', { x: at.x + 9, y: at.y });
  await t.b.click('#screen');
  t.check('a click captures the mouse', await t.b.until(`document.pointerLockElement`, t.LONG));
  t.check('and is not the guest\'s', (await t.console()).length === before, await t.console());
  for (let k = 1; k < 6; k++) await t.b.mouse('mouseMoved', { x: at.x + 9 * k, y: at.y + 5 * k });
  t.check('the guest sees it move', await t.b.until(`/28 09 FB/.test(${written}.slice(${before}))`, t.LONG), await t.console());
  await t.b.mouse('mousePressed', at, { ...left, buttons: 1 });
  await t.b.mouse('mouseReleased', at, left);
  t.check('and its button', await t.b.until(`/09 00 00\\s+08 00 00/.test(${written}.slice(${before}))`, t.LONG), await t.console());
  await t.shot('mouse');
  await t.b.js(`document.exitPointerLock()`);
  await t.b.until(`!document.pointerLockElement`, t.LONG);
  const end = (await t.console()).length;
  await t.b.mouse('mouseMoved', { x: at.x - 30, y: at.y });
  await sleep(500);
  t.check('until the person has it again', (await t.console()).length === end, await t.console());
}

async function serial(t) {
  const line = `document.getElementById('line').textContent`;
  t.guest('serial.asm', 'serial.img');
  await t.page('?fda=serial.img&m=16');
  t.check('the serial terminal shows what the guest sends', await t.b.until(`${line}.includes('serial guest')`, t.LONG), await t.b.js(line));
  await t.b.click('#serial summary');
  await t.b.click('#line');
  await t.b.type('hello\nyou\n');
  t.check('and sends what is typed', await t.b.until(`/HELLO\\nYOU/.test(${line})`, t.LONG), await t.b.js(line));
  await t.shot('serial');
}

export const parts = [layouts, touched, moused, serial];

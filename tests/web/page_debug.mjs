// page_debug.mjs - of the page: a link opens a boot sector in the debugger, which steps, explains, steps back and lets go.
import { sleep } from './browser.mjs';

async function debugged(t) {
  const told = pattern => t.b.until(`${pattern}.test(document.getElementById('told').textContent)`, t.LONG);
  await t.page('?fda=' + t.dos.split('/').pop() + '&debug=' + encodeURIComponent('b 7c00;c;print 7*9'));
  t.check('a link stops at the boot sector', await told('/breakpoint 1, 7c00[^]*=> 00007c00/'), await t.told());
  t.check('and obeys the rest of its commands', await told('/=> 00007c00[^]*\\b63\\b/'), await t.told());
  const stood = await t.look();
  await t.b.click('[data-command=explain]');
  t.check('explain beside the screen', await told('/FETCH[^]*DECODE[^]*EXECUTE[^]*SAVE/'), await t.told());
  await t.b.click('#command');
  await t.b.type('s\n');
  t.check('a step', await told('/after \\d+ instructions[^]*after \\d+ instructions/') && (await t.look()).instructions === stood.instructions + 1, await t.told());
  await t.b.click('[data-command=r]');
  t.check('registers', await told('/eax/i'), await t.told());
  await t.b.click('[data-command=rs]');
  t.check('a step back', await t.b.until(`vitrine.look().then(l => l.instructions === ${stood.instructions} && l.hash === '${stood.hash}')`, t.LONG), await t.told());
  const explained = (await t.told()).split('FETCH').length;
  await t.b.click('#explains');
  await t.b.click('#command');
  await t.b.type('s\n');
  t.check('each stop can be explained', await t.b.until(`document.getElementById('told').textContent.split('FETCH').length === ${explained + 1}`, t.LONG), await t.told());
  await t.b.key('ArrowUp', 'ArrowUp');
  t.check('an arrow brings the last line again', await t.b.js(`document.getElementById('command').value`) === 's');
  await sleep(300);
  await t.shot('debugger');
  const before = (await t.look()).instructions;
  await t.b.click('[data-command=c]');
  t.check('and on to the prompt', await t.screen('A:\\>'), await t.told());
  t.check('with more instructions', (await t.look()).instructions > before);
  await t.b.click('[data-command=""]');
  t.check('until it is stopped', await t.b.until(`document.getElementById('status').textContent.includes('debugger')`, t.LONG), await t.told());
}

// A sentence of the machine's, for who is on no debugger's side: what is wrong with a link, an option, an image.
async function refused(t) {
  await t.page('?fda=none.img&colour=red');
  t.check('what a link means is said', await t.b.until(`/colour/.test(document.getElementById('said').textContent) || /none.img: 404/.test(document.getElementById('said').textContent)`, t.LONG), await t.said());
  await t.page();
  await t.b.drop('#screen', t.file('odd.img', Buffer.alloc(100)));
  t.check('an image that is none is refused in words', await t.b.until(`/odd.img/.test(document.getElementById('said').textContent)`, t.LONG), await t.said());
}

export const parts = [debugged, refused];

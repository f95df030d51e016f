// page_files.mjs - of the page: drives, a CD, a kernel with its initial RAM disk, media that change, disks that the browser keeps.
import { sleep } from './browser.mjs';

const KB = 1024, FLOPPY = 1440 * KB, DISK = 4096 * KB;

// Zeros, with a jump and a name at the beginning, as drives.asm looks for.
function named(name, bytes) {
  const image = Buffer.alloc(bytes);
  image.write('\xeb\x3c\x90' + name.padEnd(8), 'latin1');
  return image;
}

// A floppy of 1.44 MB with one file in its root. Follows: Microsoft FAT specification, "Boot Sector and BPB", "Directory Structure".
function fat12(name, text) {
  const image = named('VITRINE', FLOPPY);
  [[11, 512], [14, 1], [17, 224], [19, 2880], [22, 9], [24, 18], [26, 2]].forEach(([at, value]) => image.writeUInt16LE(value, at));
  image[13] = 1;                                // a sector a cluster
  image[16] = 2;                                // FATs
  image[21] = 0xf0;
  image.writeUInt16LE(0xaa55, 510);
  for (const fat of [1, 10]) Buffer.from([0xf0, 0xff, 0xff, 0xff, 0x0f]).copy(image, fat * 512);
  image.write(name.padEnd(11), 19 * 512);
  image.writeUInt16LE(2, 19 * 512 + 26);
  image.writeUInt32LE(text.length, 19 * 512 + 28);
  image.write(text, 33 * 512);
  return image;
}

async function drives(t) {
  const cd = t.guest('drives.asm', 'cd.iso', '-D', 'CD'), a = t.guest('drives.asm', 'a.img');
  const images = [['fdb', 'floppy-b', FLOPPY], ['hda', 'disk-1', DISK], ['hdb', 'disk-2', DISK], ['hdd', 'disk-3', DISK]]
    .map(([option, name, bytes]) => [option, t.file(name, named(name, bytes))]);
  await t.page();
  await t.b.choose('[data-drive=fda] .choose', a);
  for (const [option, file] of images.slice(0, 2)) await t.b.choose(`[data-drive=${option}] .choose`, file);
  for (const [option, file] of images.slice(2)) await t.b.drop(`[data-drive=${option}]`, file);
  await t.b.drop('[data-drive=cdrom]', cd);
  await sleep(200);
  await t.shot('drives');
  await t.b.click('#start');
  await t.written('\n');
  t.check('six drives, chosen and dropped, and the floppy boots', /drives: floppy-a floppy-b disk-1 +disk-2 +disk-3/.test(await t.console()), await t.console() + await t.said());
  await t.page();
  await t.b.drop('#screen', cd);
  await t.written('\n');
  t.check('a CD that is dropped boots', /from the CD/.test(await t.console()), await t.console() + await t.said());
  await t.page();
  await t.b.choose('[data-drive=hda] .choose', images[1][1]);
  await t.b.choose('[data-drive=fda] .choose', a);
  await t.b.click('[data-drive=hda] button');
  await t.b.click('#start');
  await t.written('\n');
  t.check('what was taken out again is not there', /drives: floppy-a - -/.test(await t.console()), await t.console());
}

async function kernels(t) {
  const kernel = t.guest('kernel.asm', 'kernel'), initrd = t.file('ramdisk', 'of the initrd\n');
  await t.page();
  await t.b.choose('[data-drive=kernel] .choose', kernel);
  await t.b.choose('[data-drive=initrd] .choose', initrd);
  await t.b.click('#append');
  await t.b.type('quiet a=1');
  await t.b.click('#start');
  await t.written('\n');
  t.check('a kernel and its initrd, chosen, with options', /quiet a=1\|of the initrd/.test(await t.console()), await t.console() + await t.said());
  await t.page();
  await t.b.drop('#screen', initrd, kernel);
  await t.written('\n');
  t.check('both, dropped together', /\|of the initrd/.test(await t.console()), await t.console() + await t.said());
}

// Behind kept(): FreeDOS runs.
async function changed(t) {
  await t.b.click('#machine summary');
  await t.b.drop('[data-drive=fda]', t.file('other.img', fat12('OTHER   TXT', 'the other floppy')));
  t.check('a floppy that is dropped onto its drive is put in', await t.b.until(`document.getElementById('said').textContent.includes('other.img is in')`, t.LONG), await t.said());
  await t.b.js(`document.getElementById('screen').focus()`);
  const put = (await t.look()).now;             // DOS believes that nobody changes a disk within two seconds
  await t.b.until(`vitrine.look().then(l => l.now > ${put} + 5e9)`, t.LONG);
  await t.enter('type other.txt');
  t.check('and the guest reads it', await t.screen('the other floppy'), await t.b.js(`vitrine.ask('text')`));
  await t.b.click('[data-drive=fda] button');
  t.check('and takes it out', await t.b.until(`document.getElementById('said').textContent.includes('is empty')`, t.LONG), await t.said());
  await t.b.js(`document.getElementById('screen').focus()`);
  await t.enter('dir');
  await t.screen('Volume in drive');
  await sleep(3000);                            // a floppy that is there is listed at once
  t.check('which the guest notices', !/OTHER +TXT|bytes free/.test(await t.b.js(`vitrine.ask('text')`)), await t.b.js(`vitrine.ask('text')`));
}

async function kept(t) {
  await t.page();
  await t.b.drop('#screen', t.dos);
  await t.screen('A:\\>');
  await t.enter('echo left behind>note');
  t.check('a disk that was written is kept', await t.b.until(`document.querySelector('[data-kept=disks]')`, t.LONG), await t.said());
  await t.enter('dir note');
  await t.b.until(`vitrine.ask('text').then(s => /NOTE /.test(s))`, t.LONG);
  await sleep(6000);                            // changes are kept every three seconds
  await t.page();
  await t.b.until(`document.querySelector('[data-kept=disks] button')`, t.LONG);
  await t.b.click('[data-kept=disks] button');
  await t.b.click('#start');
  await t.screen('A:\\>');
  await t.enter('type note');
  t.check('and has what was written, in a page that was loaded anew', await t.screen('left behind'), await t.b.js(`vitrine.ask('text')`));
}

export const parts = [drives, kernels, kept, changed];

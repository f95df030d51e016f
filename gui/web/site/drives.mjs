// drives.mjs - the rows of the page where images are chosen, dropped and taken out again, and which of several files is what.

// Option of the program, title, enum vitrine_drive where a medium can be changed while the machine runs.
export const DRIVES = [['fda', 'Floppy A', 0], ['fdb', 'Floppy B', 1], ['hda', 'Disk 1'], ['hdb', 'Disk 2'], ['hdd', 'Disk 3'], ['cdrom', 'CD', 4],
  ['kernel', 'Kernel'], ['initrd', 'Initrd']];
export const changeable = option => DRIVES.find(([name]) => name === option)?.[2];
const IMAGE = ['image', 'Image'], FLOPPY_MOST = 2949120, SECTOR = 512, CD_AT = 32769;
const size = n => n < 1 << 20 ? `${(n / 1024).toFixed(0)} KB` : `${(n / 1048576).toFixed(1)} MB`;

export class Drives {
  // place: where the rows go. changed(option, file): a medium that is changeable; file null: it is taken out.
  constructor(place, changed) {
    this.place = place;
    this.changed = changed;
    this.chosen = {};                           // { fda: { name, blob } }
    place.append(...[IMAGE, ...DRIVES].map(([option, title]) => this.row(option, title)));
  }
  row(option, title) {
    const label = document.createElement('label'), out = document.createElement('button');
    label.dataset.drive = option;
    label.innerHTML = `<b>${title}</b><span class="name"></span><span class="choose">choose</span><input type="file">`;
    const input = label.querySelector('input');
    input.onchange = () => {
      const [file] = input.files;
      input.value = '';                         // the same again is a change, too
      if (file) this.choose(option, file);
    };
    Object.assign(out, { type: 'button', textContent: '✕', title: `take it out of: ${title}`, hidden: true });
    out.onclick = event => { event.preventDefault(); this.choose(option, null); };
    label.append(out);                          // behind the input, which is the first that the label can be of
    return label;
  }
  // A file is in one drive at a time: its name is what the machine knows it by.
  choose(option, file, tell = true) {
    for (const other of Object.keys(this.chosen)) if (other === option || file && this.chosen[other].name === file.name) delete this.chosen[other];
    if (file) this.chosen[option] = { name: file.name, blob: file };
    for (const row of this.place.children) {
      const { name, blob } = this.chosen[row.dataset.drive] ?? {};
      row.querySelector('.name').textContent = name ? `${name} (${size(blob.size)})` : '';
      row.querySelector('button').hidden = !name;
    }
    if (tell) this.changed(option, file);
  }
  clear() { for (const option of Object.keys(this.chosen)) this.choose(option, null, false); }
  lamp(option, on) { this.place.querySelector(`[data-drive=${option}]`).classList.toggle('busy', on); }
  // { name: blob }, as the machine's files.
  files() { return Object.fromEntries(Object.values(this.chosen).map(({ name, blob }) => [name, blob])); }
  // Words of the program's command line. `append` is the kernel's.
  words(append) {
    const { chosen } = this, comma = name => name.replaceAll(',', ',,'), words = [];
    for (const [option] of DRIVES)
      if (chosen[option]) words.push('-' + option, /kernel|initrd/.test(option) ? chosen[option].name : comma(chosen[option].name));
    if (chosen.kernel && append) words.push('-append', append);
    if (chosen.image && !chosen.kernel) words.push(comma(chosen.image.name));
    return words;
  }
}

// ---- several files at once: which goes where ----

const begins = (bytes, text, at = 0) => [...text].every((c, k) => bytes[at + k] === c.charCodeAt(0));
// The Linux/x86 Boot Protocol "The Real-Mode Kernel Header"; System V ABI "ELF Header"; Multiboot Specification "The layout of Multiboot header".
function isKernel(bytes) {
  if (begins(bytes, 'HdrS', 0x202) || begins(bytes, '\x7fELF')) return true;
  for (let at = 0; at + 4 <= bytes.length; at += 4) if (begins(bytes, '\x02\xb0\xad\x1b', at)) return true;
  return false;
}
// gzip, cpio, xz, zstd, lz4, bzip2: what an initial RAM disk is packed with.
const isArchive = bytes => ['\x1f\x8b', '07070', '\xfd7zXZ', '\x28\xb5\x2f\xfd', '\x02\x21\x4c\x18', 'BZh'].some(magic => begins(bytes, magic));

async function kindOf(file) {
  const head = new Uint8Array(await file.slice(0, 8192).arrayBuffer()), cd = new Uint8Array(await file.slice(CD_AT, CD_AT + 5).arrayBuffer());
  if (begins(cd, 'CD001')) return 'cdrom';
  if (isKernel(head)) return 'kernel';
  if (isArchive(head) || /initrd|initramfs/i.test(file.name) || file.size % SECTOR) return 'initrd';
  return file.size <= FLOPPY_MOST ? 'floppy' : 'disk';
}

// { option: file } of files that were dropped together; `left`: those that there is no place for.
export async function sorted(files) {
  const places = { floppy: ['fda', 'fdb'], disk: ['hda', 'hdb', 'hdd'], cdrom: ['cdrom'], kernel: ['kernel'], initrd: ['initrd'] }, to = {}, left = [];
  for (const file of files) {
    const option = places[await kindOf(file)].shift();
    if (option) to[option] = file;
    else left.push(file.name);
  }
  return { to, left };
}

// The drive that a single file goes to while a machine runs; undefined: it is no medium.
export async function mediumFor(file) { return { cdrom: 'cdrom', floppy: 'fda' }[await kindOf(file)]; }

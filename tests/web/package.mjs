// package.mjs - the package for npm as a stranger gets it: packed, installed into an empty folder, its README's example run in Node, its types
// compared with what it has.
//     node package.mjs PACKAGE-FOLDER
// Exit code 77: there is no npm.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = path.resolve(process.argv[2]);
if (spawnSync('npm', ['--version']).status !== 0) {
  console.log('skipped: no npm');
  process.exit(77);
}
let failed = 0;
function check(what, good, seen = '') {
  console.log(`${good ? 'ok' : 'FAILED'}: ${what}${good ? '' : ': ' + seen}`);
  failed += !good;
}
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'vitrine-package-'));
const npm = (...words) => execFileSync('npm', words, { cwd: work, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
try {
  const [{ filename, files }] = JSON.parse(npm('pack', '--json', folder));
  const has = name => files.some(f => f.path === name);
  check('firmware comes with its licence and where its source is', ['firmware/bios-256k.bin', 'firmware/vgabios-stdvga.bin', 'firmware/copyright.txt',
    'firmware/SOURCE.txt', 'LICENSE.txt'].every(has), files.map(f => f.path).join(' '));
  npm('init', '--yes');
  npm('install', '--offline', '--no-audit', '--no-fund', './' + filename);
  const place = path.join(work, 'node_modules', 'vitrine');

  const example = /```js\n([^]*?)```/.exec(fs.readFileSync(path.join(place, 'README.md'), 'utf8'))[1];
  fs.writeFileSync(path.join(work, 'example.mjs'), example);
  const run = spawnSync(process.execPath, ['example.mjs'], { cwd: work, encoding: 'utf8' });
  check("the README's example runs", run.status === 0, run.stderr);
  check('it shows the screen, a hash and an instruction', /[0-9a-f]{32}/.test(run.stdout) && /FETCH/.test(run.stdout), run.stdout);
  check('it stops where it was told to', /in the debugger/.test(run.stdout), run.stdout);
  check('its state goes on elsewhere', /the same machine/.test(run.stdout), run.stdout);

  const vitrine = await import(pathToFileURL(path.join(place, 'index.mjs')).href), { Vitrine } = vitrine;
  const types = fs.readFileSync(path.join(place, 'index.d.ts'), 'utf8');
  const own = new Set(['length', 'name', 'prototype', 'constructor', 'lend', 'lendText', 'text', 'good', 'debugger']);
  const names = [...Object.getOwnPropertyNames(Vitrine.prototype), ...Object.getOwnPropertyNames(Vitrine), ...Object.keys(vitrine)].filter(n => !own.has(n));
  const typed = n => new RegExp(`(?:^|[ .])${n}\\??[(:]|(?:class|const|function|interface) ${n}\\b`, 'm').test(types);
  check('every public name has a type', names.every(typed), names.filter(n => !typed(n)).join(' '));
  await Vitrine.create({ module: await vitrine.machineModule(), options: ['-m', 'much'] })
    .then(() => check('what is wrong with options is thrown', false, 'it was not'), e => check('what is wrong with options is thrown', /-m/.test(e.message), e.message));

  const pc = await vitrine.create({ options: ['-m', '16', '-clock', 'virtual', '-debug'], debugger: true }), start = pc.command('b 7c00; c; print 7*9');
  check('of several commands the first are obeyed', /breakpoint/i.test(start), start);
  let told;
  check('and the others when it stands still', pc.run(3e9) === Vitrine.IN_DEBUGGER && /7c00[^]*\b63\b/.test(told = pc.told()), told);
  const disassembled = pc.command('u'), zydis = /Zydis/i.test(fs.readFileSync(path.join(place, 'LICENSE.txt'), 'utf8'));
  check(zydis ? 'instructions by name' : 'instructions as bytes, without Zydis', zydis === /\b(mov|xor|jmp|cli|push)\b/.test(disassembled), disassembled);
} finally {
  fs.rmSync(work, { recursive: true, force: true });
}
console.log(`package: failed=${failed}`);
process.exit(failed ? 1 : 0);

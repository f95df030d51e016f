// beside.mjs - one image after the other, on both machines of beside.html in turn, in headless Chromium: what tests/web/beside calls.
//     node beside.mjs RUNS MACHINE,... SITE V86-FOLDER IMAGE...
// A line of JSON each: { image, machine, prompt (ms since the page was asked for) or work (ms between the marks) and sum, or wrong }.
import path from 'node:path';
import { Browser, serve } from './browser.mjs';

const [runs, names, site, v86, ...images] = process.argv.slice(2), MOST = 180000, machines = names.split(',');
const server = await serve(site, v86, import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), ...new Set(images.map(i => path.dirname(i))));
const b = await Browser.start();
const DONE = `seen.marks.prompt || /@end .*\\n/.test(seen.e9)`;

async function once(machine, image) {
  await b.open('about:blank');
  await b.open(`${server.url}beside.html?machine=${machine}&fda=${path.basename(image)}`);
  const done = await b.until(DONE, MOST), said = { image: path.basename(image), machine };
  const { marks, e9, text } = JSON.parse(await b.js(`JSON.stringify(globalThis.seen ?? { marks: {}, e9: '', text: '' })`));
  const thrown = b.log.splice(0);
  if (!done) return { ...said, wrong: [...thrown, text.trim().slice(-200), e9.slice(-100)].filter(Boolean).join('; ') || 'nothing was seen' };
  return marks.prompt ? { ...said, prompt: marks.prompt } : { ...said, work: marks.end - marks.begin, sum: /@end (\w+)/.exec(e9)[1] };
}
try {
  for (let run = 0; run < runs; run++)
    for (const image of images)
      for (const machine of run % 2 ? machines.toReversed() : machines) console.log(JSON.stringify(await once(machine, image)));
} finally {
  await b.end();
  server.close();
}

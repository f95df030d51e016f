// browser.mjs - headless Chromium by the DevTools protocol over a pipe, and a server of files: what page.mjs and beside.mjs share.
// Nothing of a network is needed. Follows: Chrome DevTools Protocol, domains Page, Runtime, Input, Target.
import { spawn, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';

export const sleep = ms => new Promise(done => setTimeout(done, ms));
export const chromium = () => ['chromium', 'chromium-browser', 'google-chrome'].find(name => {
  try { execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }); return true; } catch { return false; }
});

const TYPES = { html: 'text/html', css: 'text/css', mjs: 'text/javascript', js: 'text/javascript', wasm: 'application/wasm', txt: 'text/plain' };
// A server of these folders, the first that has a file; { url, close() }.
export async function serve(...folders) {
  const server = http.createServer((request, answer) => {
    const name = decodeURIComponent(new URL(request.url, 'http://x').pathname).replace(/\/$/, '/index.html');
    const file = folders.map(folder => path.join(folder, path.normalize(name))).find(f => fs.existsSync(f) && fs.statSync(f).isFile());
    if (!file) return answer.writeHead(404).end();
    answer.writeHead(200, { 'content-type': TYPES[path.extname(file).slice(1)] ?? 'application/octet-stream' });
    fs.createReadStream(file).pipe(answer);
  });
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

const PLACES = { ' ': 'Space', '.': 'Period', '>': 'Period', ':': 'Semicolon', ';': 'Semicolon', '-': 'Minus', '=': 'Equal', '/': 'Slash', '\\': 'Backslash',
  '|': 'Backslash' };

const KEY_MS = 20;

export class Browser {
  static async start() {
    const b = new Browser();
    b.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vitrine-web-'));
    b.process = spawn(chromium(), ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--window-size=1280,900',
      '--remote-debugging-pipe', `--user-data-dir=${b.folder}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    b.waiting = new Map();
    b.last = 0;
    b.log = [];
    b.awaited = new Map();                      // what call() brings no answer to: { method: [function] }
    let kept = Buffer.alloc(0);
    b.process.stdio[4].on('data', part => {
      kept = Buffer.concat([kept, part]);
      for (let end; (end = kept.indexOf(0)) >= 0; kept = kept.subarray(end + 1)) b.heard(JSON.parse(kept.subarray(0, end).toString()));
    });
    const { targetInfos } = await b.call('Target.getTargets');
    const { sessionId } = await b.call('Target.attachToTarget', { targetId: targetInfos.find(t => t.type === 'page').targetId, flatten: true });
    b.session = sessionId;
    await b.call('Page.enable');
    await b.call('Runtime.enable');
    return b;
  }
  heard({ id, result, error, method, params }) {
    if (method === 'Runtime.exceptionThrown') this.log.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    for (const hear of this.awaited.get(method) ?? []) hear(params);
    this.awaited.delete(method);
    if (!this.waiting.has(id)) return;
    const { good, bad } = this.waiting.get(id);
    this.waiting.delete(id);
    if (error) bad(new Error(error.message)); else good(result);
  }
  call(method, params = {}) {
    return new Promise((good, bad) => {
      this.waiting.set(++this.last, { good, bad });
      this.process.stdio[3].write(JSON.stringify({ id: this.last, method, params, sessionId: this.session }) + '\0');
    });
  }
  // The next event of that name, within so many milliseconds.
  event(method, ms = 60000) {
    return new Promise((good, bad) => {
      this.awaited.set(method, [...this.awaited.get(method) ?? [], good]);
      setTimeout(() => bad(new Error(`no ${method} in ${ms} ms`)), ms);
    });
  }
  open(url) { return this.call('Page.navigate', { url }); }
  // The value of an expression of the page; promises are waited for.
  async js(expression) {
    const { result, exceptionDetails } = await this.call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }
  // Until it is true, or so many milliseconds have passed; its value.
  async until(expression, ms) {
    const end = Date.now() + ms;
    for (let value; ; await sleep(100)) {
      value = await this.js(expression).catch(() => undefined);
      if (value || Date.now() > end) return value;
    }
  }
  async key(code, key, text) {
    const common = { code, key, windowsVirtualKeyCode: key.length === 1 ? key.toUpperCase().charCodeAt(0) : { Enter: 13 }[key] ?? 0 };
    // Both at once: on a slow host a key that waits for its release would repeat.
    await Promise.all([this.call('Input.dispatchKeyEvent', { type: text ? 'keyDown' : 'rawKeyDown', text, ...common }),
      this.call('Input.dispatchKeyEvent', { type: 'keyUp', ...common })]);
  }
  // As on a US keyboard: lower-case letters, digits, and what PLACES names; \n is Enter.
  async type(text) {
    for (const c of text) {
      const place = PLACES[c] ?? (/\d/.test(c) ? 'Digit' + c : 'Key' + c.toUpperCase()), shifted = '>:|'.includes(c);
      if (shifted) await this.call('Input.dispatchKeyEvent', { type: 'rawKeyDown', code: 'ShiftLeft', key: 'Shift' });
      if (c === '\n') await this.key('Enter', 'Enter', '\r');
      else await this.key(place, c, c);
      if (shifted) await this.call('Input.dispatchKeyEvent', { type: 'keyUp', code: 'ShiftLeft', key: 'Shift' });
      await sleep(KEY_MS);
    }
  }
  async middle(selector) {
    return JSON.parse(await this.js(`(() => { const e = document.querySelector(${JSON.stringify(selector)}); e.scrollIntoView({ block: 'nearest' });
      const r = e.getBoundingClientRect(); return JSON.stringify({ x: r.x + r.width / 2, y: r.y + r.height / 2 }); })()`));
  }
  mouse(type, at, more = {}) { return this.call('Input.dispatchMouseEvent', { type, ...at, ...more }); }
  async click(selector) {
    const at = await this.middle(selector), left = { button: 'left', clickCount: 1 };
    await this.mouse('mousePressed', at, { ...left, buttons: 1 });
    await this.mouse('mouseReleased', at, left);
  }
  async drop(selector, ...files) {
    const at = await this.middle(selector), data = { items: [], files: files.map(f => path.resolve(f)), dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop']) await this.call('Input.dispatchDragEvent', { type, ...at, data });
  }
  // A click that asks for a file, which is chosen.
  async choose(selector, file) {
    await this.call('Page.setInterceptFileChooserDialog', { enabled: true });
    const asked = this.event('Page.fileChooserOpened');
    await this.click(selector);
    const { backendNodeId } = await asked;
    await this.call('DOM.setFileInputFiles', { files: [path.resolve(file)], backendNodeId });
  }
  // A finger: down, by way of those steps, up.
  async touch(selector, ...steps) {
    const at = await this.middle(selector);
    await this.call('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [at] });
    for (const [dx, dy] of steps) await this.call('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x: at.x += dx, y: at.y += dy }] });
    await this.call('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  }
  // A telephone's screen with a finger, or (no size) the window of a desk.
  async shape(width, height) {
    await this.call('Emulation.setTouchEmulationEnabled', { enabled: !!width });
    if (width) await this.call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: true });
    else await this.call('Emulation.clearDeviceMetricsOverride');
  }
  // What the page downloads goes there.
  downloads(folder) { return this.call('Page.setDownloadBehavior', { behavior: 'allow', downloadPath: folder }); }
  async shot(file) {
    const { data } = await this.call('Page.captureScreenshot', { format: 'png' });
    fs.writeFileSync(file, Buffer.from(data, 'base64'));
  }
  async end() {
    const gone = new Promise(done => this.process.once('exit', done));
    await Promise.race([this.call('Browser.close').catch(() => {}), sleep(3000)]);
    await Promise.race([gone, sleep(3000)]);
    if (this.process.exitCode === null) this.process.kill('SIGKILL');
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

// disks.mjs - a page's disks: files that a person chose, with what the guest writes beside them, and what the browser keeps (IndexedDB).

const PAGE = 4096;

// A Blob that the machine sees as a file, in a worker: read where it lies, a megabyte at a time; what is written is kept in pages.
export class BlobFile {
  constructor(blob, readOnly = false) {
    this.blob = blob;
    this.readOnly = readOnly;
    this.size = blob.size;
    this.written = new Map();
    this.dirty = false;
    this.reader = new FileReaderSync();
    this.near = { at: -1, bytes: new Uint8Array(0) };
  }
  // What the blob has from `at` on, without what was written: at least one byte, or none past its end.
  below(at) {
    const { near } = this;
    if (at < near.at || at >= near.at + near.bytes.length) {
      const start = at - at % PAGE;
      near.bytes = new Uint8Array(this.reader.readAsArrayBuffer(this.blob.slice(start, start + (1 << 20))));
      near.at = start;
    }
    return near.bytes.subarray(at - near.at);
  }
  page(number) {
    if (!this.written.has(number)) {
      const page = new Uint8Array(PAGE), from = number * PAGE;
      if (from < this.blob.size) page.set(this.below(from).subarray(0, PAGE));
      this.written.set(number, page);
    }
    return this.written.get(number);
  }
  read(at, to) {
    const n = Math.max(0, Math.min(to.length, this.size - at));
    for (let k = 0; k < n;) {
      const number = Math.floor((at + k) / PAGE), inside = (at + k) % PAGE, part = Math.min(PAGE - inside, n - k);
      const page = this.written.get(number), from = page ? page.subarray(inside) : this.below(at + k);
      to.set(from.subarray(0, part), k);
      k += part;
    }
    return n;
  }
  write(at, from) {
    for (let k = 0; k < from.length;) {
      const inside = (at + k) % PAGE, part = Math.min(PAGE - inside, from.length - k);
      this.page(Math.floor((at + k) / PAGE)).set(from.subarray(k, k + part), inside);
      k += part;
    }
    this.size = Math.max(this.size, at + from.length);
    this.dirty = true;
    return from.length;
  }
  resize(size) { this.size = size; this.dirty = true; }
  // All of it as it is now, as a Blob: pages that were not written stay where they are.
  whole() {
    const parts = [];
    let at = 0;
    for (const number of [...this.written.keys()].sort((a, b) => a - b)) {
      const from = number * PAGE;
      if (from >= this.size) break;
      if (from > at) parts.push(this.blob.slice(at, from));
      parts.push(this.written.get(number).slice(0, Math.min(PAGE, this.size - from)));
      at = Math.min(from + PAGE, this.size);
    }
    if (at < this.size) parts.push(this.blob.slice(at, this.size));
    return new Blob(parts);
  }
}

// What the browser keeps: 'disks' by name, { name, blob, when }; 'states' by name, { name, state, options, files: { name: blob }, when }.
const asked = request => new Promise((good, bad) => { request.onsuccess = () => good(request.result); request.onerror = () => bad(request.error); });
export async function shelf() {
  const request = indexedDB.open('vitrine', 1);
  request.onupgradeneeded = () => ['disks', 'states'].forEach(name => request.result.createObjectStore(name, { keyPath: 'name' }));
  const base = await asked(request);
  const store = (name, how) => base.transaction(name, how).objectStore(name);
  return {
    list: async name => asked(store(name, 'readonly').getAll()),
    get: async (name, key) => asked(store(name, 'readonly').get(key)),
    put: async (name, value) => asked(store(name, 'readwrite').put({ ...value, when: Date.now() })),
    remove: async (name, key) => asked(store(name, 'readwrite').delete(key)),
  };
}

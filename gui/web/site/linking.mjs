// linking.mjs - a shared object of WebAssembly, linked to a module that runs: on the same memory, table and stack.
// Follows: WebAssembly tool conventions, "WebAssembly Dynamic Linking": the custom section "dylink.0", the names that are imported.

// What the object wants: { memory, align, table }, bytes, a power of two, entries.
function wants(module) {
  const [section] = WebAssembly.Module.customSections(module, 'dylink.0'), bytes = new Uint8Array(section);
  let at = 0;
  const number = () => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  const MEM_INFO = 1;
  while (at < bytes.length) {
    const kind = bytes[at++], size = number(), end = at + size;
    if (kind === MEM_INFO) {
      const memory = number(), align = number(), table = number();
      return { memory, align, table };
    }
    at = end;
  }
  return { memory: 0, align: 0, table: 0 };
}

// Link `module` to the exports `e` of the one that runs; reserve(bytes): memory that nobody else gets, filled with zeros. Its exports.
export async function link(module, e, reserve) {
  const { memory, align, table } = wants(module), places = e.__indirect_function_table;
  const constant = value => new WebAssembly.Global({ value: 'i32' }, value);
  const step = 2 ** align, start = Math.ceil(reserve(memory + step) / step) * step, first = places.grow(table);
  const known = new Map();                                      // a function has one place in the table, so that pointers compare
  for (let k = 0; k < first; k++) if (places.get(k)) known.set(places.get(k), k);
  const placed = f => {
    if (!known.has(f)) {
      const k = places.grow(1);
      places.set(k, f);
      known.set(f, k);
    }
    return known.get(f);
  };
  const found = name => e[name] ?? (() => { throw new Error(`the two modules are not of one build: ${name} is missing`); })();
  const own = { memory: e.memory, __indirect_function_table: places, __memory_base: constant(start), __table_base: constant(first) };
  const late = [], imports = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    const address = () => new WebAssembly.Global({ value: 'i32', mutable: true }, 0);
    const value = from === 'env' ? own[name] ?? found(name) : address();
    if (from !== 'env') late.push({ global: value, name, code: from === 'GOT.func' });
    (imports[from] ??= {})[name] = value;
  }
  const { exports } = await WebAssembly.instantiate(module, imports);
  for (const { global, name, code } of late) {
    if (code) global.value = placed(exports[name] ?? found(name));
    else global.value = exports[name] ? start + exports[name].value : found(name).value;
  }
  exports.__wasm_apply_data_relocs?.();
  exports.__wasm_call_ctors?.();
  return exports;
}

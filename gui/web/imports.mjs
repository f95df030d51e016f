// imports.mjs - what one module imports of the module that it is linked to, as the linker's options that export it there:
//     node imports.mjs vitrine-debugger.wasm
// Memory, table and what the linking itself brings (site/linking.mjs) are not among them.
import fs from 'node:fs';

const own = ['memory', '__indirect_function_table', '__memory_base', '__table_base'];
const names = WebAssembly.Module.imports(new WebAssembly.Module(fs.readFileSync(process.argv[2]))).map(i => i.name);
console.log([...new Set(names)].filter(name => !own.includes(name)).sort().map(name => '--export=' + name).join('\n'));

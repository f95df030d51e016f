/** An x86 PC as WebAssembly. Options are the words of the program's command line. */

/** A file that the machine sees: all of it synchronous. `read` fills `to` from `at` on and says how many bytes there were. */
export interface MachineFile {
  readonly size: number;
  readonly readOnly?: boolean;
  read(at: number, to: Uint8Array): number;
  write(at: number, from: Uint8Array): number;
  resize(size: number): void;
}

/** A file whose bytes lie in memory; `bytes` is what the guest has made of it. */
export class MemoryFile implements MachineFile {
  constructor(bytes: ArrayBuffer | ArrayLike<number>, readOnly?: boolean);
  bytes: Uint8Array;
  readonly readOnly: boolean;
  readonly size: number;
  read(at: number, to: Uint8Array): number;
  write(at: number, from: Uint8Array): number;
  resize(size: number): void;
}

/** Which of the machine's modules is for this engine of WebAssembly: by tail calls, where it has them, else by a loop. */
export const MACHINE: 'vitrine-tail.wasm' | 'vitrine.wasm';

/** What SeaBIOS is called among `files`. */
export const FIRMWARE: { readonly bios: string; readonly vgabios: string };

export interface Frame {
  readonly width: number;
  readonly height: number;
  /** Pixels are square; else the picture is 4:3. */
  readonly square: boolean;
  /** Red, green, blue, opacity; good until the next call. */
  readonly pixels: Uint8ClampedArray;
}

export interface Drive {
  readonly kind: 'none' | 'floppy' | 'disk' | 'cd';
  readonly state: 'empty' | 'full' | 'locked';
  readonly name: string;
  readonly accesses: number;
}

export interface Setup {
  /** Such as ['-fda', 'dos.img', '-m', '32', '-clock', 'virtual']. */
  options?: string[];
  /** What the options name, and firmware. */
  files?: Record<string, Uint8Array | ArrayBuffer | MachineFile>;
  /** Messages, a line each; handle 2 is standard error. */
  say?(line: string, handle: 1 | 2): void;
  /** A file that the debugger wrote. */
  put?(name: string, bytes: Uint8Array): void;
}

/** Of a machine that is made of parts by hand: its modules, and names for files in place of `files`. */
export interface Parts extends Setup {
  module: WebAssembly.Module;
  debuggerModule?: WebAssembly.Module;
  names?: { get(name: string): MachineFile | undefined; set(name: string, file: MachineFile): unknown };
}

export class Vitrine {
  private constructor();
  /** Throws an Error that says what is wrong with options or files. */
  static create(parts: Parts): Promise<Vitrine>;
  free(): void;
  readonly files: { get(name: string): MachineFile | undefined; set(name: string, file: MachineFile): unknown };

  /** Why run() and runPaced() came back. */
  static readonly TIME: 0;
  static readonly POWER_OFF: 1;
  static readonly DEBUG_EXIT: 2;
  static readonly TRIPLE_FAULT: 3;
  static readonly RESET: 4;
  static readonly HALTED: 5;
  static readonly INSTRUCTIONS: 6;
  static readonly IN_DEBUGGER: 32;
  /** Drives of insert() and drive(). */
  static readonly FDA: 0;
  static readonly FDB: 1;
  static readonly HDA: 2;
  static readonly HDB: 3;
  static readonly HDC: 4;
  static readonly HDD: 5;

  /** To this virtual time (ns), or for so many milliseconds of the host: with -clock virtual the same run everywhere. */
  run(until: number, ms?: number): number;
  /** For so many milliseconds, in step with the host's clock. */
  runPaced(ms: number): number;
  /** Milliseconds that it may be left alone, behind runPaced(). */
  idle(): number;
  /** It stood still for a while, and that is no lag. */
  gap(): void;
  /** Virtual ns. */
  readonly now: number;
  readonly instructions: number;
  readonly exitCode: number;
  /** Of the named speed that the host reaches. */
  readonly percent: number;
  reasonText(reason: number): string;

  /** null: it is as it was the last time. */
  frame(all?: boolean): Frame | null;
  screenText(): string;
  /** Of the machine's whole state. */
  hash(): string;
  screenHash(): string;
  readonly leds: number;

  /** A key by its USB HID usage code. */
  key(usage: number, down: boolean): void;
  type(text: string): void;
  mouse(dx: number, dy: number, dz?: number): void;
  buttons(bits: number): void;
  reset(): void;
  powerButton(): void;
  /** "386/33", "max", ... */
  setSpeed(speed: string): void;
  /** A file of `files` into a floppy or CD drive; null takes out what is in it. */
  insert(drive: number, name: string | null, force?: boolean): void;
  drive(drive: number): Drive;
  /** What the guest has sent since the last time: COM1 is 0, COM2 1, port E9h -1. */
  serialOutput(line?: number): Uint8Array;
  serialText(line?: number): string;
  serialInput(bytes: Uint8Array | string, line?: number): void;

  save(): Uint8Array;
  load(state: Uint8Array): void;
  stateText(): string;

  /** The debugger comes in a module of its own, before or while the machine runs, which does not notice. */
  attach(debuggerModule: WebAssembly.Module): Promise<void>;
  readonly attached: boolean;
  /** One command line, or several with ; between them: what they say. After a `continue` run() goes on, until it comes back with IN_DEBUGGER: told() is why. */
  command(line: string): string;
  told(): string;
  readonly inDebugger: boolean;
  stop(): string;
}

/** What lies in this package. */
export function machineModule(): Promise<WebAssembly.Module>;
export function debuggerModule(): Promise<WebAssembly.Module>;
export function firmware(): Promise<Record<string, Uint8Array>>;
/** A machine of this package's parts; with `debugger` also its debugger. */
export function create(setup?: Setup & { debugger?: boolean; names?: Parts['names'] }): Promise<Vitrine>;

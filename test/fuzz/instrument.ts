/**
 * Adds counters to a module's code: each place where the control flow goes on (a function's start, a
 * loop's, both ways of an `if`, what follows a `br_if` and an `end`) increments a byte of its own in
 * linear memory, as AFL's trampolines do. Nothing else of the code changes.
 */

/** The code is rewritten, not understood: an opcode that is not in the table ends it. */
export class UnknownOpcode extends Error {}

export interface Instrumented {
  bytes: Uint8Array<ArrayBuffer>;
  /** How many counters there are: they are the bytes from `from` on. */
  counters: number;
}

const CODE_SECTION = 10;
const HEADER = 8;

/** @param from where in the module's memory the counters begin; the module must leave the bytes alone. */
export function instrument(module: Uint8Array, from: number): Instrumented {
  const reader = new Reader(module, HEADER);
  const parts: Uint8Array[] = [module.subarray(0, HEADER)];
  let counters = 0;
  const count = () => increment(from + counters++);
  while (reader.at < module.length) {
    const start = reader.at;
    const id = reader.byte();
    const size = reader.unsigned();
    const end = reader.at + size;
    if (id === CODE_SECTION) parts.push(sized(id, codeSection(reader, count)));
    else parts.push(module.subarray(start, end));
    reader.at = end;
  }
  return { bytes: Uint8Array.from(Buffer.concat(parts)), counters };
}

function codeSection(reader: Reader, count: () => Buffer): Buffer {
  const functions = reader.unsigned();
  const bodies: Buffer[] = [leb(functions)];
  for (let i = 0; i < functions; i++) {
    const size = reader.unsigned();
    const body = functionBody(reader, reader.at + size, count);
    bodies.push(leb(body.length), body);
  }
  return Buffer.concat(bodies);
}

function functionBody(reader: Reader, end: number, count: () => Buffer): Buffer {
  const start = reader.at;
  for (let groups = reader.unsigned(); groups > 0; groups--) {
    reader.unsigned();
    reader.byte();
  }
  const parts = [reader.from(start), count()];
  let copied = reader.at;
  while (reader.at < end) {
    if (!instruction(reader) || reader.at === end) continue;
    parts.push(reader.from(copied), count());
    copied = reader.at;
  }
  parts.push(reader.from(copied));
  return Buffer.concat(parts);
}

const [BLOCK, LOOP, IF, ELSE, END, BR_IF, BR_TABLE] = [0x02, 0x03, 0x04, 0x05, 0x0b, 0x0d, 0x0e];
const BULK = 0xfc;
/** Instructions by their immediates (WebAssembly core specification 2.0, section 5.4). */
const NO_IMMEDIATE = [[0x00, 0x01], [0x0f], [0x1a, 0x1b], range(0x45, 0xc4)].flat();
const ONE_INDEX = [[0x0c, 0x10], range(0x20, 0x24), [0x3f, 0x40]].flat();
const TWO_NUMBERS = [[0x11], range(0x28, 0x3e)].flat();
const CONSTANTS: Record<number, (reader: Reader) => void> = {
  65: (reader) => reader.skipNumber(),
  66: (reader) => reader.skipNumber(),
  67: (reader) => reader.skip(4),
  68: (reader) => reader.skip(8),
};
/** Truncations that saturate have none; memory.copy has two memories, memory.fill one. */
const BULK_IMMEDIATES: Record<number, number> = { 0: 0, 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, 6: 0, 7: 0, 10: 2, 11: 1 };

/** Reads one instruction. @returns whether a counter belongs behind it */
function instruction(reader: Reader): boolean {
  const opcode = reader.byte();
  if (opcode === BLOCK || opcode === LOOP || opcode === IF) {
    reader.skipNumber();
    return opcode !== BLOCK;
  }
  if (opcode === ELSE || opcode === END) return true;
  if (opcode === BR_IF) {
    reader.skipNumber();
    return true;
  }
  if (opcode === BR_TABLE) for (let labels = reader.unsigned() + 1; labels > 0; labels--) reader.skipNumber();
  else if (ONE_INDEX.includes(opcode)) reader.skipNumber();
  else if (TWO_NUMBERS.includes(opcode)) {
    reader.skipNumber();
    reader.skipNumber();
  } else if (CONSTANTS[opcode] !== undefined) CONSTANTS[opcode](reader);
  else if (opcode === BULK) reader.skip(bulkImmediates(reader.unsigned()));
  else if (!NO_IMMEDIATE.includes(opcode)) throw new UnknownOpcode(`0x${opcode.toString(16)} at ${reader.at - 1}`);
  return false;
}

function bulkImmediates(number: number): number {
  const bytes = BULK_IMMEDIATES[number];
  if (bytes === undefined) throw new UnknownOpcode(`0xfc ${number}`);
  return bytes;
}

/** `i32.store8 (address) (i32.add (i32.load8_u (address)) 1)`, which leaves the stack as it was. */
function increment(address: number): Buffer {
  const at = leb(address);
  const head = [0x41, 0x00, 0x41, 0x00, 0x2d, 0x00];
  return Buffer.from([...head, ...at, 0x41, 0x01, 0x6a, 0x3a, 0x00, ...at]);
}

function sized(id: number, section: Buffer): Buffer {
  return Buffer.concat([Buffer.from([id]), leb(section.length), section]);
}

/** Unsigned LEB128. */
function leb(number: number): Buffer {
  const bytes: number[] = [];
  let left = number;
  for (; left > 0x7f; left >>>= 7) bytes.push((left & 0x7f) | 0x80);
  return Buffer.from([...bytes, left]);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

class Reader {
  constructor(
    private readonly bytes: Uint8Array,
    public at: number,
  ) {}

  byte(): number {
    return this.bytes[this.at++]!;
  }

  unsigned(): number {
    let number = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      number += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return number;
    }
  }

  /** A LEB128 number, signed or not. */
  skipNumber(): void {
    while (this.byte() >= 0x80);
  }

  skip(count: number): void {
    this.at += count;
  }

  from(start: number): Uint8Array {
    return this.bytes.subarray(start, this.at);
  }
}

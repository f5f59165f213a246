import { ModuleError } from "./errors.js";

/** Function types of a module's imports and exports, as `(iil)i`: i = i32, l = i64, f = f32, d = f64. */
export interface ModuleTypes {
  /** By `module.name`. */
  imports: Map<string, string>;
  exports: Map<string, string>;
}

const LETTERS: Record<number, string> = { 127: "i", 126: "l", 125: "f", 124: "d" };

/**
 * Reads the types of imported and exported functions, which the JavaScript API does not tell.
 * @param bytes a module that has been compiled, hence is well-formed.
 */
export function moduleTypes(bytes: Uint8Array): ModuleTypes {
  const reader = new Reader(bytes);
  reader.at = 8;
  const types: string[] = [];
  const functions: string[] = [];
  const imports = new Map<string, string>();
  const exports = new Map<string, string>();
  while (reader.at < bytes.length) {
    const section = reader.byte();
    const end = reader.number() + reader.at;
    if (section === 1) reader.each(() => types.push(functionType(reader)));
    if (section === 2) {
      reader.each(() => {
        const name = `${reader.name()}.${reader.name()}`;
        const type = importedFunction(reader);
        if (type === undefined) return;
        functions.push(types[type]!);
        imports.set(name, types[type]!);
      });
    }
    if (section === 3) reader.each(() => functions.push(types[reader.number()]!));
    if (section === 7) {
      reader.each(() => {
        const name = reader.name();
        const kind = reader.byte();
        const index = reader.number();
        if (kind === 0) exports.set(name, functions[index]!);
      });
    }
    reader.at = end;
  }
  return { imports, exports };
}

function functionType(reader: Reader): string {
  if (reader.byte() !== 0x60) throw new ModuleError("the module has a type that is not a function's");
  const values = () => {
    let letters = "";
    reader.each(() => {
      letters += LETTERS[reader.byte()] ?? "?";
    });
    return letters;
  };
  return `(${values()})${values()}`;
}

/** Reads an import's description: the type's index if it is a function. */
function importedFunction(reader: Reader): number | undefined {
  const kind = reader.byte();
  if (kind === 0) return reader.number();
  if (kind !== 2) reader.byte(); // element or value type
  if (kind === 3) {
    reader.byte(); // mutability
  } else {
    const hasMaximum = reader.byte() & 1;
    reader.number();
    if (hasMaximum) reader.number();
  }
  return undefined;
}

class Reader {
  at = 0;
  constructor(readonly bytes: Uint8Array) {}

  byte(): number {
    return this.bytes[this.at++]!;
  }

  /** An unsigned LEB128 number. */
  number(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  name(): string {
    const end = this.number() + this.at;
    const name = Buffer.from(this.bytes.subarray(this.at, end)).toString("utf8");
    this.at = end;
    return name;
  }

  /** Reads a vector's elements. */
  each(element: () => void): void {
    for (let left = this.number(); left > 0; left--) element();
  }
}

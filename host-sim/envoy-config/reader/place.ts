import type { Node } from "./document.js";
import { jsonName } from "./names.js";
import type { Problem } from "./problems.js";

export interface ReadingOptions {
  /** What is outside the subset is noted as ignored, instead of as a problem. */
  lenient?: boolean | undefined;
  /** The clusters that a route may name beside those that the file defines; undefined: any. */
  clusters?: Iterable<string> | undefined;
}

/** Reads the value at a place, or notes what is wrong with it and throws Unreadable. */
export type Reader<T> = (at: Place) => T;

/** The reading of one file: what its places share. */
export class Reading {
  readonly problems: Problem[] = [];
  readonly ignored: Problem[] = [];
  readonly lenient: boolean;
  readonly definedClusters: Set<string> | undefined;
  readonly namedClusters: Place[] = [];

  constructor(
    readonly text: string,
    readonly file: string,
    options: ReadingOptions,
  ) {
    this.lenient = options.lenient ?? false;
    this.definedClusters = options.clusters && new Set(options.clusters);
  }

  problem(offset: number, path: string, message: string): Problem {
    const lines = this.text.slice(0, offset).split("\n");
    return { file: this.file, line: lines.length, column: lines.at(-1)!.length + 1, path, message };
  }
}

/** A value in the file, and the path that leads to it. */
export class Place {
  constructor(
    readonly reading: Reading,
    readonly node: Node,
    readonly path: string,
    /** True in a `google.protobuf.Any`, where `@type` stands among the message's own fields. */
    readonly inAny = false,
  ) {}

  /** Notes a problem. */
  report(message: string, offset = this.node.offset): void {
    this.reading.problems.push(this.reading.problem(offset, this.path, message));
  }

  fail(message: string): never {
    this.report(message);
    throw new Unreadable(false);
  }

  expected(what: string): never {
    return this.fail(`expected ${what}, found ${describe(this.node)}`);
  }

  /** Notes what Envoy may well know but the simulator does not: as a problem or, leniently, as ignored. */
  outside(message: string, offset = this.node.offset): void {
    const { lenient, ignored, problems } = this.reading;
    (lenient ? ignored : problems).push(this.reading.problem(offset, this.path, message));
  }

  /** As `expected`, of a value that Envoy takes and the simulator does not. */
  expectedHere(what: string): never {
    this.outside(`expected ${what}, found ${describe(this.node)}`);
    throw new Unreadable(this.reading.lenient);
  }

  /** The field's value, under its protobuf or its JSON name (`port_value`, `portValue`); null counts as absent. */
  field(name: string): Place | undefined {
    if (!(this.node.value instanceof Map)) return undefined;
    const entry = this.node.value.get(name) ?? this.node.value.get(jsonName(name));
    if (!entry || entry.node.value === null) return undefined;
    return new Place(this.reading, entry.node, `${this.path}${this.path && "."}${name}`);
  }

  asAny(): Place {
    return new Place(this.reading, this.node, this.path, true);
  }

  /** The items of a list. */
  items(): Place[] {
    if (!Array.isArray(this.node.value)) return this.expected("a list");
    return this.node.value.map((node, index) => new Place(this.reading, node, `${this.path}[${index}]`));
  }

  /** What stands in a mapping, by its key. */
  entries(): [key: string, at: Place, keyOffset: number][] {
    if (!(this.node.value instanceof Map)) return this.expected("a mapping");
    return [...this.node.value].map(([key, { node, offset }]) => {
      return [key, new Place(this.reading, node, `${this.path}${this.path && "."}${key}`), offset];
    });
  }
}

/** Thrown once the problem is noted: the part being read is given up, while what stands beside it is still read. */
export class Unreadable extends Error {
  /** @param ignored the part is outside the subset and the reading lenient: it counts as absent. */
  constructor(readonly ignored: boolean) {
    super("the problem is among those of the Reading");
  }
}

export type Attempt<T> = { ok: true; value: T } | { ok: false; ignored: boolean };

export function attempt<T>(read: () => T): Attempt<T> {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, ignored: error.ignored };
    throw error;
  }
}

function describe({ value, plain }: Node): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (value instanceof Map) return "a mapping";
  if (typeof value === "string") return JSON.stringify(value.length > 120 ? `${value.slice(0, 120)}...` : value);
  return `the ${typeof value} ${plain}`;
}

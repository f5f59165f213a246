/** A value in an Envoy file and where it stands; absent values are undefined, and nothing here complains. */
import type { Node } from "../envoy-config/reader/document.js";
import { jsonName } from "../envoy-config/reader/names.js";

/** The file that a value stands in. */
export interface Source {
  file: string;
  text: string;
}

export class Spot {
  constructor(
    readonly source: Source,
    readonly node: Node,
    /** The fields that lead here: `static_resources.listeners[0]`. */
    readonly path: string,
    /** Where a complaint about it points: at the value, unless told. */
    readonly offset = node.offset,
  ) {}

  /** What these fields lead to, each under its protobuf or its JSON name. */
  get(...names: string[]): Spot | undefined {
    let spot: Spot | undefined = this;
    for (const name of names) spot = spot?.member(name) ?? spot?.member(jsonName(name));
    return spot;
  }

  /** The items of the list under these fields; none if there is no list. */
  list(...names: string[]): Spot[] {
    const spot = this.get(...names);
    if (!spot || !Array.isArray(spot.node.value)) return [];
    return spot.node.value.map((node, index) => new Spot(this.source, node, `${spot.path}[${index}]`));
  }

  /** The names and values of the mapping under these fields. */
  members(...names: string[]): [name: string, value: Spot][] {
    const spot = this.get(...names);
    if (!(spot?.node.value instanceof Map)) return [];
    return [...spot.node.value.keys()].map((name) => [name, spot.member(name) ?? spot]);
  }

  /** The text under these fields. */
  text(...names: string[]): string | undefined {
    const value = this.get(...names)?.node.value;
    return typeof value === "string" ? value : undefined;
  }

  /** Texts under these fields: a list, or one that stands for a list of one. */
  texts(...names: string[]): string[] {
    const spot = this.get(...names);
    const values = Array.isArray(spot?.node.value) ? spot.node.value : spot ? [spot.node] : [];
    return values.flatMap(({ value }) => (typeof value === "string" ? [value] : []));
  }

  /** The number under these fields; Envoy takes a number's text for one. */
  number(...names: string[]): number | undefined {
    const value = this.get(...names)?.node.value;
    return typeof value === "number" || (typeof value === "string" && value !== "") ? Number(value) : undefined;
  }

  /** True if the value under these fields is true, or the word. */
  isTrue(...names: string[]): boolean {
    const value = this.get(...names)?.node.value;
    return value === true || value === "true";
  }

  /** The message's name in the `@type` of the `typed_config` here, without its package: `StatefulSession`. */
  get type(): string | undefined {
    return this.text("typed_config", "@type")?.split(".").at(-1);
  }

  /** The member of that very name. */
  member(name: string): Spot | undefined {
    if (!(this.node.value instanceof Map)) return undefined;
    const entry = this.node.value.get(name);
    if (!entry || entry.node.value === null) return undefined;
    return new Spot(this.source, entry.node, `${this.path}${this.path && "."}${name}`);
  }

  /** The same value, with complaints pointing at the key of that member. */
  keyOf(name: string): Spot | undefined {
    const entry = this.node.value instanceof Map ? this.node.value.get(name) : undefined;
    return entry && new Spot(this.source, entry.node, `${this.path}${this.path && "."}${name}`, entry.offset);
  }

  /** From 1, both: the column counts UTF-16 units, as editors do. */
  get position(): { line: number; column: number } {
    const lines = this.source.text.slice(0, this.offset).split("\n");
    return { line: lines.length, column: lines.at(-1)!.length + 1 };
  }

  /** The value as plain data. With `numbers`, a number that Envoy hands over as text (`1.25`) is one. */
  plain(numbers = false): unknown {
    return plain(this.node, numbers);
  }
}

function plain({ value, plain: written }: Node, numbers: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item, numbers));
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, { node }]) => [key, plain(node, numbers)]));
  }
  const isNumber = numbers && typeof value === "string" && written !== undefined && /^-?\d+(\.\d+)?$/.test(written);
  return isNumber ? Number(value) : value;
}

import { type HeaderMapKind, joinedFields } from "./joined-fields.js";
import type { HeaderField, HeaderMap as HeaderMapContract } from "./types.js";

/**
 * Header fields with the semantics of Envoy 1.40's header map (measured): pseudo-headers before all
 * others; some fields occur once at most, and adding to them joins the values; everything else keeps
 * its duplicates and its order. Names are compared as they are: callers give them in lower case.
 */
export class HeaderMap implements HeaderMapContract {
  readonly fields: HeaderField[] = [];
  readonly #joined: ReadonlySet<string>;

  /** Takes the fields by `add`, in order. */
  constructor(
    readonly kind: HeaderMapKind,
    fields: Iterable<HeaderField> = [],
  ) {
    this.#joined = joinedFields(kind);
    for (const [name, value] of fields) this.add(name, value);
  }

  get(name: string): string | undefined {
    const index = this.#indexOf(this.#canonical(name));
    return index < 0 ? undefined : this.fields[index]![1];
  }

  getAll(name: string): string[] {
    const wanted = this.#canonical(name);
    return this.fields.filter((field) => field[0] === wanted).map((field) => field[1]);
  }

  add(name: string, value: string): void {
    const key = this.#canonical(name);
    const existing = this.#joined.has(key) ? this.fields[this.#indexOf(key)] : undefined;
    if (existing === undefined) this.#insert(key, value);
    else existing[1] = join(existing[1], value);
  }

  /** Envoy's `setCopy`: removes every field of that name and adds one at the end. */
  replace(name: string, value: string): void {
    this.remove(name);
    this.#insert(this.#canonical(name), value);
  }

  remove(name: string): void {
    const key = this.#canonical(name);
    let kept = 0;
    for (const field of this.fields) {
      if (field[0] !== key) this.fields[kept++] = field;
    }
    this.fields.length = kept;
  }

  /** Envoy knows a request's `host` as `:authority` only. */
  #canonical(name: string): string {
    return name === "host" && this.kind === "request" ? ":authority" : name;
  }

  #indexOf(name: string): number {
    const { fields } = this;
    for (let index = 0; index < fields.length; index++) {
      if (fields[index]![0] === name) return index;
    }
    return -1;
  }

  #insert(name: string, value: string): void {
    if (!name.startsWith(":")) {
      this.fields.push([name, value]);
      return;
    }
    const firstRegular = this.fields.findIndex((field) => !field[0].startsWith(":"));
    this.fields.splice(firstRegular < 0 ? this.fields.length : firstRegular, 0, [name, value]);
  }
}

/** No comma next to an empty value. */
function join(existing: string, value: string): string {
  if (value === "") return existing;
  return existing === "" ? value : `${existing},${value}`;
}

/** The name in lower case; ASCII only, since a header name is bytes. */
export function lowerCase(name: string): string {
  return /[A-Z]/.test(name) ? name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : name;
}

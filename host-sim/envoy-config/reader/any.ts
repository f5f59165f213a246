import { didYouMean } from "./names.js";
import { type Reader, Unreadable } from "./place.js";

// biome-ignore lint/suspicious/noExplicitAny: a record of readers of any types
type Types = Record<string, Reader<any>>;

/** A reader of a `google.protobuf.Any`: by its `@type`, a reader of the message that it holds. */
export function any<R extends Types>(types: R): Reader<ReturnType<R[keyof R]>> {
  return (at) => {
    const fields = at.entries();
    const type = fields.find(([key]) => key === "@type")?.[1] ?? at.fail("expected a field @type, found none");
    const [, name] = /^type\.googleapis\.com\/(.+)$/.exec(String(type.node.value)) ?? [];
    if (name === undefined) return type.expected("type.googleapis.com/ and the name of a message");
    const read = types[name];
    if (read) return read(at.asAny());
    type.outside(`"${name}" is no type that the simulator knows here${didYouMean(name, Object.keys(types))}`);
    throw new Unreadable(at.reading.lenient);
  };
}

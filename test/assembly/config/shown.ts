// A configuration's values as text, for the specs to compare: fields in their order, numbers as they are.
import { Kind, Value } from "../../../assembly/config/value";

export function shown(value: Value): string {
  const items = new Array<string>();
  for (let i = 0; i < value.items.length; i++) {
    items.push(value.kind == Kind.Object ? `${value.keys[i]}:${shown(value.items[i])}` : shown(value.items[i]));
  }
  if (value.kind == Kind.Object) return `{${items.join(",")}}`;
  if (value.kind == Kind.List) return `[${items.join(",")}]`;
  if (value.kind == Kind.Number) return value.number.toString();
  return value.kind == Kind.Text ? `'${value.text}'` : value.describe();
}

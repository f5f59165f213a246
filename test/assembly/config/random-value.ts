// Configuration values of any shape, for the randomised specs.
import { Kind, Value } from "../../../assembly/config/value";
import { Random } from "../random";

const TEXTS = ["", "a", "SERVERID", 'quo"te', "back\\slash", "line\nend\t", "é", "\u{1f511}", "\u007f", "{}[],:"];

/** A value with at most `levels` levels below it. */
export function randomValue(random: Random, levels: i32): Value {
  const kind = random.below(levels > 0 ? 6 : 4);
  if (kind == Kind.Null) return new Value(Kind.Null);
  if (kind == Kind.Boolean) return Value.ofBoolean(random.below(2) == 1);
  if (kind == Kind.Number) return Value.ofNumber(<f64>(random.below(2000000) - 1000000) / 64);
  if (kind == Kind.Text) return Value.ofText(TEXTS[random.below(TEXTS.length)]);
  return kind == Kind.List ? randomList(random, levels) : randomObject(random, levels);
}

export function randomObject(random: Random, levels: i32): Value {
  const object = new Value(Kind.Object);
  for (let i = random.below(4); i > 0; i--) {
    object.set(`${TEXTS[random.below(TEXTS.length)]}${i}`, randomValue(random, levels - 1));
  }
  return object;
}

function randomList(random: Random, levels: i32): Value {
  const list = new Value(Kind.List);
  for (let i = random.below(4); i > 0; i--) list.items.push(randomValue(random, levels - 1));
  return list;
}

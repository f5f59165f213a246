import { parseJson } from "../../../assembly/config/json";
import { Field, Problems } from "../../../assembly/config/reader";
import { bytes } from "../bytes";

let problems = new Problems();

/** The value in JSON as the field `at`; nothing is an absent one. */
function field(json: string): Field {
  problems = new Problems();
  if (json == "") return new Field("at", null, problems);
  return new Field("at", parseJson(bytes(json)).value, problems);
}

/** What was complained of since the last `field`. */
function complaints(): string {
  return problems.lines.join(" | ");
}

describe("text", () => {
  test("is read, or stands for an absent one", () => {
    expect<string>(field('"a b"').text()).toBe("a b");
    expect<string>(field("").text("else")).toBe("else");
    expect<string>(complaints()).toBe("");
  });

  test("is complained of if it is missing, empty or no text", () => {
    field("").text();
    expect<string>(complaints()).toBe("at: expected text; it is missing");
    field('""').text("else");
    expect<string>(complaints()).toBe('at: expected text; got ""');
    expect<string>(field("5").text("else")).toBe("else");
    expect<string>(complaints()).toBe("at: expected text; got 5");
    expect<string>(field("true").text()).toBe("");
    expect<string>(complaints()).toBe("at: expected text; got true");
  });
});

describe("a boolean", () => {
  test("is true or false and nothing that looks like it", () => {
    expect<bool>(field("true").boolean(false)).toBe(true);
    expect<bool>(field("false").boolean(true)).toBe(false);
    expect<bool>(field("").boolean(true)).toBe(true);
    expect<string>(complaints()).toBe("");
    field('"true"').boolean(false);
    expect<string>(complaints()).toBe('at: expected true or false; got "true"');
    field("1").boolean(false);
    expect<string>(complaints()).toBe("at: expected true or false; got 1");
    field("null").boolean(false);
    expect<string>(complaints()).toBe("at: expected true or false; got null");
  });
});

describe("a whole number", () => {
  test("lies within its bounds", () => {
    expect<i32>(field("1").integer(1, 256, 9)).toBe(1);
    expect<i32>(field("256").integer(1, 256, 9)).toBe(256);
    expect<i32>(field("2.5e2").integer(1, 256, 9)).toBe(250);
    expect<i32>(field("").integer(1, 256, 9)).toBe(9);
    expect<i32>(field('"5"').integer(1, 256, 9)).toBe(5, "a number in text, as Envoy reads some of YAML's");
    expect<string>(complaints()).toBe("");
  });

  test("is complained of otherwise, and the number shown as it was written", () => {
    const shown = ["0", "257", "-1", "1.5", "0.000001", "-0.25", "999999999999999"];
    for (let i = 0; i < shown.length; i++) {
      expect<i32>(field(shown[i]).integer(1, 256, 9)).toBe(9);
      expect<string>(complaints()).toBe(`at: expected a whole number from 1 to 256; got ${shown[i]}`);
    }
    field("1.9999999").integer(1, 256, 9);
    expect<string>(complaints()).toBe("at: expected a whole number from 1 to 256; got 1.999999");
    field("1e15").integer(1, 256, 9);
    expect<string>(complaints()).toBe("at: expected a whole number from 1 to 256; got a number out of range");
    field("1e300").integer(1, 256, 9);
    expect<string>(complaints()).toBe("at: expected a whole number from 1 to 256; got a number out of range");
    field("1e999").integer(1, 256, 9);
    expect<string>(complaints()).toBe("at: expected a whole number from 1 to 256; got a number out of range");
    field('"5 apples"').integer(1, 256, 9);
    expect<string>(complaints()).toBe('at: expected a whole number from 1 to 256; got "5 apples"');
    field('""').integer(1, 256, 9);
    expect<string>(complaints()).toBe('at: expected a whole number from 1 to 256; got ""');
  });
});

describe("a number", () => {
  test("has a fraction or not, within its bounds", () => {
    expect<f64>(field("1.25").number(1, 10, 9)).toBe(1.25);
    expect<f64>(field('"1.25"').number(1, 10, 9)).toBe(1.25);
    expect<f64>(field("10").number(1, 10, 9)).toBe(10);
    expect<f64>(field("").number(1, 10, 9)).toBe(9);
    expect<string>(complaints()).toBe("");
    field("10.5").number(1, 10, 9);
    expect<string>(complaints()).toBe("at: expected a number from 1 to 10; got 10.5");
    field('"much"').number(1, 10, 9);
    expect<string>(complaints()).toBe('at: expected a number from 1 to 10; got "much"');
  });
});

describe("one of some words", () => {
  test("is found by its index", () => {
    expect<i32>(field('"Lax"').oneOf(["Strict", "Lax"], 0)).toBe(1);
    expect<i32>(field("").oneOf(["Strict", "Lax"], 1)).toBe(1);
    expect<string>(complaints()).toBe("");
  });

  test("may be true or false, which YAML makes booleans", () => {
    expect<i32>(field("false").oneOf(["auto", "true", "false"], 0)).toBe(2);
    expect<i32>(field('"true"').oneOf(["auto", "true", "false"], 0)).toBe(1);
    expect<string>(complaints()).toBe("");
  });

  test("is complained of with all the words", () => {
    const wrong = ['"lax"', '""', "0", "true", "null", "[]", "{}"];
    const shown = ['"lax"', '""', "0", "true", "null", "an empty list", "an empty object"];
    for (let i = 0; i < wrong.length; i++) {
      field(wrong[i]).oneOf(["Strict", "Lax"], 0);
      expect<string>(complaints()).toBe(`at: expected one of Strict, Lax; got ${shown[i]}`);
    }
  });
});

describe("a duration", () => {
  test("has a unit", () => {
    expect<i64>(field('"90s"').seconds(-1)).toBe(90);
    expect<i64>(field('"30m"').seconds(-1)).toBe(1800);
    expect<i64>(field('"8h"').seconds(-1)).toBe(28800);
    expect<i64>(field('"2d"').seconds(-1)).toBe(172800);
    expect<i64>(field('"0s"').seconds(-1)).toBe(0);
    expect<i64>(field('"999999999d"').seconds(-1)).toBe(86399999913600);
    expect<i64>(field("").seconds(-1)).toBe(-1);
    expect<string>(complaints()).toBe("");
  });

  test("is complained of otherwise", () => {
    const wrong = [
      '""',
      '"30"',
      '"s"',
      '"-1s"',
      '"1.5h"',
      '"1 h"',
      '" 1h"',
      '"1h30m"',
      '"1H"',
      '"1ms"',
      '"1000000000s"',
    ];
    for (let i = 0; i < wrong.length; i++) {
      expect<i64>(field(wrong[i]).seconds(-1)).toBe(-1);
      expect<string>(complaints()).toBe(`at: expected a duration such as 90s, 30m, 8h or 2d; got ${wrong[i]}`);
    }
    field("30").seconds(-1);
    expect<string>(complaints()).toBe("at: expected a duration such as 90s, 30m, 8h or 2d; got 30");
  });
});

describe("a list", () => {
  test("gives each element its path", () => {
    const fields = field('["a", 5]').list();
    expect<string>(fields[0].text()).toBe("a");
    fields[1].text();
    expect<string>(complaints()).toBe("at[1]: expected text; got 5");
  });

  test("that must have elements is complained of once if it has none", () => {
    field("").some("rule");
    expect<string>(complaints()).toBe("at: expected a list of at least one rule; it is missing");
    field("[]").some("rule");
    expect<string>(complaints()).toBe("at: expected a list of at least one rule; got an empty list");
    field("{}").some("rule");
    expect<string>(complaints()).toBe("at: expected a list; got an empty object");
    field('"a"').list();
    expect<string>(complaints()).toBe('at: expected a list; got "a"');
  });

  test("of texts may be one text", () => {
    expect<string>(field('"a"').texts().join()).toBe("a");
    expect<string>(field('["a","b"]').texts().join()).toBe("a,b");
    expect<i32>(field("").texts().length).toBe(0);
    expect<string>(complaints()).toBe("");
    field('["a",1,""]').texts();
    expect<string>(complaints()).toBe('at[1]: expected text; got 1 | at[2]: expected text; got ""');
    field("5").texts();
    expect<string>(complaints()).toBe("at: expected text; got 5");
  });
});

describe("an object", () => {
  test("gives each field its path, and an absent field is no problem by itself", () => {
    const fields = field('{"a":{"b":5}}').object();
    const inner = fields.take("a").object();
    inner.take("b").text();
    inner.end();
    expect<string>(fields.take("c").text("else")).toBe("else");
    fields.end();
    expect<string>(complaints()).toBe("at.a.b: expected text; got 5");
  });

  test("at the top has fields without a path in front", () => {
    const top = new Field("", parseJson(bytes('{"a":5,"b":6}')).value, new Problems());
    const fields = top.object();
    fields.take("a").text();
    fields.end();
    expect<string>(fields.problems.lines.join(" | ")).toBe(
      "a: expected text; got 5 | b: unknown field; expected one of a",
    );
  });

  test("complains of each field that nobody took, with those that there are", () => {
    const fields = field('{"nmae":"x","name":"y","wieght":1}').object();
    fields.take("name");
    fields.take("weight");
    fields.end();
    expect<string>(complaints()).toBe(
      "at.nmae: unknown field; expected one of name, weight | at.wieght: unknown field; expected one of name, weight",
    );
  });

  test("shows a name in quotes that would be hard to read", () => {
    const fields = field('{"":1,"a b":2,"c\\nd":3}').object();
    fields.take("name");
    fields.end();
    expect<string>(complaints()).toBe(
      'at."": unknown field; expected one of name | at."a b": unknown field; expected one of name' +
        ' | at."c\\x0ad": unknown field; expected one of name',
    );
  });

  test("that is none is complained of once, however much it lacks", () => {
    const fields = field("[1]").object();
    fields.take("a").text();
    fields.exactlyOne(["b", "c"]);
    fields.take("d").object().take("e").text();
    fields.end();
    expect<string>(complaints()).toBe("at: expected an object; got a list");
  });

  test("that is absent lacks what it must have", () => {
    const fields = field("").object();
    fields.take("a").text();
    fields.end();
    expect<string>(complaints()).toBe("at.a: expected text; it is missing");
  });
});

describe("the members of an object", () => {
  test("each have their name, and a path", () => {
    const members = field('{"app":{},"b c":5}').members("policy");
    expect<i32>(members.length).toBe(2);
    expect<string>(members[0].name).toBe("app");
    expect<string>(members[0].path).toBe("at.app");
    expect<string>(members[1].path).toBe('at."b c"');
    expect<string>(complaints()).toBe("");
  });

  test("are complained of if there are none", () => {
    field("").members("policy");
    expect<string>(complaints()).toBe("at: expected an object with at least one policy; it is missing");
    field("{}").members("policy");
    expect<string>(complaints()).toBe("at: expected an object with at least one policy; got an empty object");
    field("[1]").members("policy");
    expect<string>(complaints()).toBe("at: expected an object with at least one policy; got a list");
  });
});

describe("exactly one of some fields", () => {
  test("is found by its index", () => {
    const fields = field('{"name":"x","hash":{}}').object();
    expect<i32>(fields.exactlyOne(["pin", "hash"])).toBe(1);
    expect<string>(complaints()).toBe("");
    fields.take("hash");
    fields.end();
    expect<string>(complaints()).toBe("at.name: unknown field; expected one of pin, hash");
  });

  test("is complained of if there are two or none", () => {
    field('{"name":"x","hash":{},"pin":{}}').object().exactlyOne(["pin", "hash"]);
    expect<string>(complaints()).toBe("at: expected exactly one of pin, hash; got pin, hash");
    field('{"name":"x","hsah":{}}').object().exactlyOne(["pin", "hash"]);
    expect<string>(complaints()).toBe("at: expected exactly one of pin, hash; got hsah, name");
    field("{}").object().exactlyOne(["pin", "hash"]);
    expect<string>(complaints()).toBe("at: expected exactly one of pin, hash; got nothing");
  });

  test("makes its fields known: two of them are one complaint", () => {
    const fields = field('{"hash":{},"pin":{}}').object();
    fields.exactlyOne(["pin", "hash"]);
    fields.end();
    expect<string>(complaints()).toBe("at: expected exactly one of pin, hash; got pin, hash");
  });
});

describe("what was found", () => {
  test("is shown on one line, and long text is cut", () => {
    field('"a\\nb\\u0001"').boolean(false);
    expect<string>(complaints()).toBe('at: expected true or false; got "a\\x0ab\\x01"');
    field(`"${"x".repeat(61)}"`).boolean(false);
    expect<string>(complaints()).toBe(`at: expected true or false; got "${"x".repeat(60)}..."`);
    field(`"${"x".repeat(60)}"`).boolean(false);
    expect<string>(complaints()).toBe(`at: expected true or false; got "${"x".repeat(60)}"`);
  });
});

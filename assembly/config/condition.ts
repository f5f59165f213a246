// when, unless: which requests a rule concerns.
import { Text } from "../abi/slice";
import { Condition, HeaderTest } from "../identify/condition";
import { Field } from "./reader";
import { readName } from "./source";
import { lowerCase } from "./token";

/** The condition, or null if the field is absent. */
export function readCondition(field: Field): Condition | null {
  if (!field.present) return null;
  const problems = field.problems.lines.length;
  const fields = field.object();
  const methods = textsOf(fields.take("method"));
  const prefixes = textsOf(fields.take("path_prefix"));
  const suffixes = textsOf(fields.take("path_suffix"));
  const headers = readHeaders(fields.take("header"));
  fields.end();
  const tests = methods.length + prefixes.length + suffixes.length + headers.length;
  if (tests == 0 && field.problems.lines.length == problems) {
    field.expected("at least one of method, path_prefix, path_suffix, header");
  }
  return new Condition(methods, prefixes, suffixes, headers);
}

function textsOf(field: Field): StaticArray<Text> {
  const texts = field.texts();
  const slices = new Array<Text>();
  for (let i = 0; i < texts.length; i++) slices.push(new Text(texts[i]));
  return StaticArray.fromArray(slices);
}

/** One header test, or several that must all hold. */
function readHeaders(field: Field): StaticArray<HeaderTest> {
  const tests = new Array<HeaderTest>();
  const fields = field.oneOrMore();
  for (let i = 0; i < fields.length; i++) {
    const test = fields[i].object();
    const name = readName(test.take("name"), "a header name");
    tests.push(new HeaderTest(new Text(lowerCase(name)), new Text(test.take("contains").text(""))));
    test.end();
  }
  return StaticArray.fromArray(tests);
}

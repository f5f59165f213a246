/**
 * Compiler transform that keeps the module small: AssemblyScript puts a string literal into the module
 * as UTF-16 with an object's header, which for the configuration's many words and complaints is most
 * of it. Here they stand as UTF-8 and become strings when they are used, which is while a configuration is
 * read, and garbage afterwards.
 *
 * - A module's constant `literal("text")` is its bytes as a `Slice` (pointer and length in a u64).
 * - `"text"` is `String.UTF8.decodeUnsafe(BYTES, LENGTH)`.
 * - A template is a sum of its parts.
 */
import { AssertionKind, LiteralKind, Node, NodeKind, Token } from "assemblyscript";
import { Transform } from "assemblyscript/transform";

export default class CompactTexts extends Transform {
  afterParse(parser) {
    for (const source of parser.sources) if (!source.isLibrary) source.statements.forEach(compact);
  }
}

/** Where a string is no value. */
const NOT_VALUES = new Set([NodeKind.Import, NodeKind.Export, NodeKind.ExportImport, NodeKind.Decorator]);

/** Replaces the texts below a node, which may be a list of nodes; gives what stands for it. */
function compact(node) {
  if (Array.isArray(node)) return node.map(compact);
  if (!(node instanceof Node) || NOT_VALUES.has(node.kind)) return node;
  if (node.kind === NodeKind.Call && node.expression.text === "literal") return slice(node.args[0].value, node.range);
  if (node.kind === NodeKind.Literal && node.literalKind === LiteralKind.String) return string(node.value, node.range);
  for (const key of Object.keys(node)) if (key !== "range") node[key] = compact(node[key]);
  return node.kind === NodeKind.Literal && node.literalKind === LiteralKind.Template ? sum(node) : node;
}

/** `LENGTH << 32 | <u64>memory.data<u8>([BYTES])` */
function slice(text, range) {
  const bytes = Buffer.from(text, "utf8");
  const pointer = Node.createAssertionExpression(AssertionKind.Prefix, data(bytes, range), type("u64", range), range);
  return Node.createBinaryExpression(Token.Bar, integer(0, bytes.length, range), pointer, range);
}

function string(text, range) {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length === 0) return Node.createStringLiteralExpression(text, range);
  const decode = member(member(name("String", range), "UTF8"), "decodeUnsafe");
  return Node.createCallExpression(decode, null, [data(bytes, range), integer(bytes.length, 0, range)], range);
}

/** The parts of a template are raw strings; what stands between them is any value. */
function sum({ parts, expressions, range }) {
  const terms = [];
  parts.forEach((part, i) => {
    if (part.length > 0) terms.push(string(part, range));
    if (i < expressions.length)
      terms.push(Node.createCallExpression(member(group(expressions[i]), "toString"), null, [], range));
  });
  return group(terms.reduce((left, right) => Node.createBinaryExpression(Token.Plus, left, right, range)));
}

function data(bytes, range) {
  const numbers = Array.from(bytes, (byte) => integer(byte, 0, range));
  const list = Node.createArrayLiteralExpression(numbers, range);
  return Node.createCallExpression(member(name("memory", range), "data"), [type("u8", range)], [list], range);
}

const integer = (low, high, range) => Node.createIntegerLiteralExpression(globalThis.i64_new(low, high), range);
const name = (text, range) => Node.createIdentifierExpression(text, range);
const type = (text, range) => Node.createNamedType(Node.createSimpleTypeName(text, range), [], false, range);
const group = (node) => Node.createParenthesizedExpression(node, node.range);
const member = (node, property) => Node.createPropertyAccessExpression(node, name(property, node.range), node.range);

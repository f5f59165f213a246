/**
 * Compiler transform that keeps the module small. AssemblyScript puts every string literal into the module on its
 * own, as UTF-16 with an object's header, which for the configuration's many words and complaints is most
 * of it. Here they stand in two tables, to become strings when they are used, which is while a
 * configuration is read, and garbage afterwards.
 *
 * - A module's constant `literal("text")` is its bytes as a `Slice` (pointer and length in a u64).
 * - `"text"` is `limpetText(AT)`, which unpacks it: a byte from 128 on stands for a pair of bytes, each of which may be
 *   such a byte again (byte pair encoding; P. Gage, A New Algorithm for Data Compression, 1994).
 * - `["a", "b"]` is one such text, split.
 * - A template is a sum of its parts.
 *
 * Only ASCII is packed. assembly/trace.ts keeps its strings: the module for production has none of it.
 */
import { AssertionKind, LiteralKind, Node, NodeKind, Token } from "assemblyscript";
import { Transform } from "assemblyscript/transform";

export default class CompactTexts extends Transform {
  afterParse(parser) {
    const tables = new Tables();
    for (const source of parser.sources) {
      if (!source.isLibrary && source.internalPath !== "assembly/trace") tables.compact(source.statements);
    }
    parser.parseFile(tables.source(), "~lib/limpet-texts.ts", false);
  }
}

/** Where a string is no value. */
const NOT_VALUES = new Set([NodeKind.Import, NodeKind.Export, NodeKind.ExportImport, NodeKind.Decorator]);
/** Ends a packed text; in none of them. */
const END = 127;
const ASCII = /^[\0-\x7e]+$/;
/** Between the texts of a list; in none of them. */
const SEPARATOR = "\n";
const PAIRS_FROM = 128;

/** The texts of all sources, and the nodes that say where each is. */
class Tables {
  slices = Buffer.alloc(0);
  /** The nodes that get a text's place, by text. */
  #texts = new Map();

  /** Replaces the texts below a node, which may be a list of nodes; gives what stands for it. */
  compact(node) {
    if (Array.isArray(node)) return node.map((it) => this.compact(it));
    if (!(node instanceof Node) || NOT_VALUES.has(node.kind)) return node;
    const { range } = node;
    if (node.kind === NodeKind.Call && node.expression.text === "literal")
      return this.#slice(node.args[0].value, range);
    if (isText(node)) return this.#text("limpetText", node.value, range) ?? node;
    if (
      isLiteral(node, LiteralKind.Array) &&
      node.elementExpressions.length > 1 &&
      node.elementExpressions.every(isText)
    ) {
      const list = node.elementExpressions.map(({ value }) => value).join(SEPARATOR);
      return this.#text("limpetTexts", list, range);
    }
    for (const key of Object.keys(node)) if (key !== "range") node[key] = this.compact(node[key]);
    return isLiteral(node, LiteralKind.Template) ? this.#sum(node) : node;
  }

  /** `LENGTH << 32 | <u64>(LIMPET_SLICES + AT)` */
  #slice(text, range) {
    const bytes = Buffer.from(text, "utf8");
    const at = this.slices.indexOf(bytes);
    if (at < 0) this.slices = Buffer.concat([this.slices, bytes]);
    const place = integer(at < 0 ? this.slices.length - bytes.length : at, 0, range);
    const start = Node.createAssertionExpression(
      AssertionKind.Prefix,
      name("LIMPET_SLICES", range),
      type("u64", range),
      range,
    );
    const pointer = group(Node.createBinaryExpression(Token.Plus, start, place, range));
    return group(Node.createBinaryExpression(Token.Bar, integer(0, bytes.length, range), pointer, range));
  }

  /** A call of the function with the place of the text, which is known in the end; null if it cannot be packed. */
  #text(unpack, text, range) {
    if (!ASCII.test(text)) return null;
    const at = integer(0, 0, range);
    this.#texts.set(text, [...(this.#texts.get(text) ?? []), at]);
    return Node.createCallExpression(name(unpack, range), null, [at], range);
  }

  /** The parts of a template are raw strings; what stands between them is any value. */
  #sum({ parts, expressions, range }) {
    const terms = [];
    parts.forEach((part, i) => {
      if (part.length > 0)
        terms.push(this.#text("limpetText", part, range) ?? Node.createStringLiteralExpression(part, range));
      if (i < expressions.length)
        terms.push(Node.createCallExpression(member(group(expressions[i]), "toString"), null, [], range));
    });
    return group(terms.reduce((left, right) => Node.createBinaryExpression(Token.Plus, left, right, range)));
  }

  /** The module of the tables; gives the nodes their places. */
  source() {
    const texts = [...this.#texts.keys()];
    const { packed, pairs } = pack(
      Buffer.from(texts.map((text) => `${text}${String.fromCharCode(END)}`).join(""), "latin1"),
    );
    let at = 0;
    for (const nodes of this.#texts.values()) {
      for (const node of nodes) node.value = globalThis.i64_new(at, 0);
      at = packed.indexOf(END, at) + 1;
    }
    return `
      // @ts-ignore: decorator
      @lazy @global export const LIMPET_SLICES: usize = memory.data<u8>([${[...this.slices]}]);
      // @ts-ignore: decorator
      @lazy const TEXTS: usize = memory.data<u8>([${packed}]);
      // @ts-ignore: decorator
      @lazy const PAIRS: usize = memory.data<u8>([${pairs}]);
      // @ts-ignore: decorator
      @lazy const ROOM: usize = memory.data(${2 * Math.max(...texts.map((text) => text.length))});

      /** Writes what the byte stands for; gives the end. */
      function unpack(byte: u32, to: usize): usize {
        while (byte >= ${PAIRS_FROM}) {
          const pair = PAIRS + ((byte - ${PAIRS_FROM}) << 1);
          to = unpack(load<u8>(pair), to);
          byte = load<u8>(pair, 1);
        }
        store<u16>(to, byte);
        return to + 2;
      }

      // @ts-ignore: decorator
      @global export function limpetText(at: usize): string {
        let to = ROOM;
        for (at += TEXTS; load<u8>(at) != ${END}; at++) to = unpack(load<u8>(at), to);
        return String.UTF16.decodeUnsafe(ROOM, to - ROOM);
      }

      // @ts-ignore: decorator
      @global export function limpetTexts(at: usize): string[] {
        return limpetText(at).split("\\n");
      }`;
  }
}

/** Replaces the most frequent pair of bytes with a new byte, as often as there are bytes from PAIRS_FROM on; a text's end is in no pair. */
function pack(bytes) {
  let packed = [...bytes];
  const pairs = [];
  for (let byte = PAIRS_FROM; byte < 256; byte++) {
    const counts = new Map();
    for (let i = 1; i < packed.length; i++) {
      const pair = (packed[i - 1] << 8) | packed[i];
      if (packed[i - 1] !== END && packed[i] !== END) counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
    const [pair] = [...counts].reduce((best, it) => (it[1] > best[1] ? it : best));
    const [left, right] = [pair >> 8, pair & 255];
    const shorter = [];
    for (let i = 0; i < packed.length; i++) {
      const found = packed[i] === left && packed[i + 1] === right;
      shorter.push(found ? byte : packed[i]);
      if (found) i++;
    }
    packed = shorter;
    pairs.push(left, right);
  }
  return { packed, pairs };
}

const isLiteral = (node, kind) => node.kind === NodeKind.Literal && node.literalKind === kind;
const isText = (node) => isLiteral(node, LiteralKind.String) && node.value.length > 0;
const integer = (low, high, range) => Node.createIntegerLiteralExpression(globalThis.i64_new(low, high), range);
const name = (text, range) => Node.createIdentifierExpression(text, range);
const type = (text, range) => Node.createNamedType(Node.createSimpleTypeName(text, range), [], false, range);
const group = (node) => Node.createParenthesizedExpression(node, node.range);
const member = (node, property) => Node.createPropertyAccessExpression(node, name(property, node.range), node.range);

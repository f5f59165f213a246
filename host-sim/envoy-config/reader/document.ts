import { type Alias, isAlias, isMap, isScalar, parseDocument, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";

/**
 * A part of a YAML or JSON document as Envoy sees it: the JSON value that Envoy makes of the text
 * before its protobuf parser reads it, and its place.
 */
export interface Node {
  value: null | boolean | number | string | Node[] | Map<string, Entry>;
  /** Where it starts in the text. */
  offset: number;
  /** The text of a scalar written without quotes. */
  plain?: string;
}

export interface Entry {
  node: Node;
  /** Where the key starts in the text. */
  offset: number;
}

type Report = (offset: number, message: string) => void;
type YamlNode = Alias | Scalar | YAMLMap | YAMLSeq;

/** Protobuf's JSON parser allows no more. */
const MAX_DEPTH = 100;

/**
 * Parses the text, as JSON where the file's name ends in `.json` and as YAML elsewhere.
 * @param report is told what is wrong; of syntax errors only the first, since what follows one is read askew.
 * @returns undefined if there is nothing to read.
 */
export function parseNode(text: string, fileName: string, report: Report): Node | undefined {
  // `failsafe` leaves every scalar a string: which of them are numbers or booleans is not YAML's but Envoy's to say.
  const document = parseDocument(text, { schema: "failsafe", uniqueKeys: false, prettyErrors: false });
  const error = document.errors[0];
  if (error) {
    report(error.pos[0], error.code === "MULTIPLE_DOCS" ? "expected one document, found a second one" : error.message);
    return undefined;
  }
  if (!document.contents) {
    report(0, "expected a configuration, found an empty file");
    return undefined;
  }

  const scalar = fileName.endsWith(".json") ? jsonScalar : yamlScalar;
  const finished = new Map<YamlNode, Node>();
  const open = new Set<YamlNode>();

  function convert(yaml: YamlNode | null, parentOffset: number): Node {
    const offset = yaml?.range?.[0] ?? parentOffset;
    const known = yaml && finished.get(yaml);
    if (known) return known;
    if (!yaml) return { value: null, offset };
    if (isAlias(yaml)) {
      const target = yaml.resolve(document) as YamlNode | undefined;
      if (target && !open.has(target)) return convert(target, offset);
      report(
        offset,
        target ? `*${yaml.source} stands inside its own anchor` : `no anchor &${yaml.source} stands above`,
      );
      return { value: null, offset };
    }
    if (yaml.tag) report(offset, `expected no tag, found ${yaml.tag}: Envoy does not read tags`);
    open.add(yaml);
    const node = open.size > MAX_DEPTH ? tooDeep(offset) : convertValue(yaml, offset);
    open.delete(yaml);
    finished.set(yaml, node);
    return node;
  }

  function convertValue(yaml: Exclude<YamlNode, Alias>, offset: number): Node {
    if (isMap(yaml)) return { value: convertEntries(yaml, offset), offset };
    if (!isScalar(yaml)) return { value: yaml.items.map((item) => convert(item as YamlNode, offset)), offset };
    const text = String(yaml.value);
    if (yaml.type !== "PLAIN") return { value: text, offset };
    return { value: scalar(text, (message) => report(offset, message)), offset, plain: text };
  }

  function convertEntries(yaml: YAMLMap, mapOffset: number): Map<string, Entry> {
    const entries = new Map<string, Entry>();
    for (const item of yaml.items) {
      const key = item.key as YamlNode;
      const offset = key.range?.[0] ?? mapOffset;
      const name = isScalar(key) ? String(key.value) : undefined;
      if (name === undefined) report(offset, "expected the name of a field");
      else if (name === "<<") report(offset, "Envoy knows no merge keys (<<)");
      else if (entries.has(name)) report(offset, `${name} stands here a second time`);
      else entries.set(name, { node: convert(item.value as YamlNode | null, offset), offset });
    }
    return entries;
  }

  function tooDeep(offset: number): Node {
    report(offset, `expected at most ${MAX_DEPTH} levels of nesting, as Envoy`);
    return { value: null, offset };
  }

  return convert(document.contents as YamlNode, 0);
}

const NULL = /^(?:|~|null|Null|NULL)$/;
const TRUE = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const INTEGER = /^([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/;

/**
 * What Envoy makes of a YAML scalar without quotes: a boolean by YAML 1.1's many words; an integer,
 * octal and hexadecimal ones too, as a number if it has 32 bits, as a string of decimal digits if it
 * has 64; anything else, `1.5` too, as a string, which the protobuf parser reads as a number only
 * where the field is one. Seen in `/config_dump` of Envoy 1.40; Envoy: `parseYamlNode` in
 * source/common/protobuf/yaml_utility.cc.
 */
function yamlScalar(text: string): null | boolean | number | string {
  if (NULL.test(text)) return null;
  if (TRUE.test(text)) return true;
  if (FALSE.test(text)) return false;
  const [, sign, digits] = INTEGER.exec(text) ?? [];
  if (digits === undefined) return text;
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const integer = sign === "-" ? -magnitude : magnitude;
  if (BigInt.asIntN(64, integer) !== integer) return text;
  return BigInt.asIntN(32, integer) === integer ? Number(integer) : String(integer);
}

const JSON_SCALAR = /^(?:null|true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;

function jsonScalar(text: string, report: (message: string) => void): null | boolean | number {
  if (JSON_SCALAR.test(text)) return JSON.parse(text);
  report(`expected a JSON value, found ${text}`);
  return null;
}

/** What the schema says of a configuration, with the filter's paths and in its words. */
import { Ajv, type DefinedError } from "ajv";
import { schemaText } from "./schema.js";

export interface SchemaProblem {
  /** As the filter writes it: `rules[1].hash.algorithm`; empty for the whole. */
  path: string;
  message: string;
}

/** Says only that some branch did not fit; the branch's own complaints stand beside it. */
const WRAPPERS = new Set(["if", "anyOf", "allOf"]);

/** A validator of configurations as YAML gives them (numbers are numbers): all that is wrong, empty if nothing is. */
export function schemaValidator(): (configuration: unknown) => SchemaProblem[] {
  validator ??= newValidator();
  return validator;
}

let validator: ReturnType<typeof newValidator> | undefined;

function newValidator(): (configuration: unknown) => SchemaProblem[] {
  const ajv = new Ajv({ allErrors: true, verbose: true, strict: false });
  const validate = ajv.compile(JSON.parse(schemaText()));
  return (configuration) => {
    if (validate(configuration)) return [];
    const problems = new Map<string, SchemaProblem>();
    for (const error of validate.errors as DefinedError[]) {
      if (WRAPPERS.has(error.keyword)) continue;
      const problem = { path: pathOf(error), message: messageOf(error) };
      problems.set(`${problem.path}: ${problem.message}`, problem);
    }
    return [...problems.values()];
  };
}

/** A JSON Pointer (RFC 6901) as a path; a complaint of a field is at that field. */
function pathOf(error: DefinedError): string {
  const segments = error.instancePath.split("/").slice(1);
  if (error.keyword === "additionalProperties") segments.push(error.params.additionalProperty);
  if (error.keyword === "required" && !isChoice(error)) segments.push(error.params.missingProperty);
  return segments
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((path, name) => (/^\d+$/.test(name) ? `${path}[${name}]` : path === "" ? name : `${path}.${name}`), "");
}

/** True where one of several fields is missing: it is the whole that is wrong then. */
const isChoice = (error: DefinedError) => error.schemaPath.includes("/oneOf/");

function messageOf(error: DefinedError): string {
  switch (error.keyword) {
    case "additionalProperties":
      return `unknown field; expected one of ${Object.keys(error.parentSchema?.properties ?? {}).join(", ")}`;
    case "enum":
      return `expected one of ${error.params.allowedValues.join(", ")}; got ${JSON.stringify(error.data)}`;
    case "required":
      return isChoice(error) ? `expected ${error.params.missingProperty}` : "expected; it is missing";
    case "oneOf":
      return "expected exactly one of several fields";
    case "false schema":
      return "does not belong here";
    default:
      return `${error.message}; got ${JSON.stringify(error.data)}`;
  }
}

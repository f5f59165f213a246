import { parseNode } from "./document.js";
import { didYouMean } from "./names.js";
import { attempt, Place, type Reader, Reading, type ReadingOptions } from "./place.js";
import { EnvoyConfigError, formatProblem, type Problem } from "./problems.js";

/** What a whole file is read as, if it can be; all problems, and those that leniency ignored, in the file's order. */
export interface Examined<T> {
  value: T | undefined;
  problems: Problem[];
  ignored: Problem[];
}

/** Reads a whole file, whatever is wrong with it. */
export function examineFile<T>(text: string, fileName: string, options: ReadingOptions, read: Reader<T>): Examined<T> {
  const reading = new Reading(text, fileName, options);
  const root = parseNode(text, fileName, (offset, message) =>
    reading.problems.push(reading.problem(offset, "", message)),
  );
  const result = root && attempt(() => read(new Place(reading, root, "")));
  for (const place of reading.namedClusters) checkCluster(place);
  const value = result?.ok && reading.problems.length === 0 ? result.value : undefined;
  return { value, problems: reading.problems.sort(byPlace), ignored: reading.ignored.sort(byPlace) };
}

/**
 * Reads a whole file.
 * @returns what was read, and the problems that leniency ignored, formatted.
 * @throws EnvoyConfigError with all that is wrong.
 */
export function readFile<T>(text: string, fileName: string, options: ReadingOptions, read: Reader<T>): [T, string[]] {
  const { value, problems, ignored } = examineFile(text, fileName, options, read);
  if (value === undefined) throw new EnvoyConfigError(problems);
  return [value, ignored.map(formatProblem)];
}

const byPlace = (a: Problem, b: Problem) => a.line - b.line || a.column - b.column;

function checkCluster(place: Place): void {
  const known = place.reading.definedClusters;
  const name = String(place.node.value);
  if (known && !known.has(name))
    place.report(`expected a cluster that is defined, found "${name}"${didYouMean(name, [...known])}`);
}

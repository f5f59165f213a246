import { parseNode } from "./document.js";
import { didYouMean } from "./names.js";
import { attempt, Place, type Reader, Reading, type ReadingOptions } from "./place.js";
import { EnvoyConfigError, formatProblem, type Problem } from "./problems.js";

/**
 * Reads a whole file.
 * @returns what was read, and the problems that leniency ignored, formatted.
 * @throws EnvoyConfigError with all that is wrong.
 */
export function readFile<T>(text: string, fileName: string, options: ReadingOptions, read: Reader<T>): [T, string[]] {
  const reading = new Reading(text, fileName, options);
  const root = parseNode(text, fileName, (offset, message) =>
    reading.problems.push(reading.problem(offset, "", message)),
  );
  const result = root && attempt(() => read(new Place(reading, root, "")));
  for (const place of reading.namedClusters) checkCluster(place);
  if (!result?.ok || reading.problems.length > 0) {
    throw new EnvoyConfigError(reading.problems.sort(byPlace));
  }
  return [result.value, reading.ignored.sort(byPlace).map(formatProblem)];
}

const byPlace = (a: Problem, b: Problem) => a.line - b.line || a.column - b.column;

function checkCluster(place: Place): void {
  const known = place.reading.definedClusters;
  const name = String(place.node.value);
  if (known && !known.has(name))
    place.report(`expected a cluster that is defined, found "${name}"${didYouMean(name, [...known])}`);
}

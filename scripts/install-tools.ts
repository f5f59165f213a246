/** `npm run tools [-- NAME...]`: installs the programs that are not npm packages, and says where they are. */
import { say } from "./project.js";
import { need, ToolMissing } from "./tools/need.js";
import { TOOLS, type ToolName } from "./tools/table.js";

const known = Object.keys(TOOLS) as ToolName[];
const asked = process.argv.slice(2);
const unknown = asked.find((name) => !known.includes(name as ToolName));
if (unknown !== undefined) {
  say(`no tool "${unknown}"; there are: ${known.join(", ")}`);
  process.exit(2);
}
for (const name of asked.length > 0 ? (asked as ToolName[]) : known) {
  const found = await need(name);
  if ("missing" in found) {
    say(new ToolMissing(found).message);
    process.exitCode = 1;
  } else {
    console.log(`${TOOLS[name].title}: ${found.path}`);
  }
}

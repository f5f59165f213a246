/** `npm run soak [-- --minutes N]`: honest clients for so long, and a fault every few seconds. */
import { nodeCommand, run } from "./project.js";

const args = process.argv.slice(2);
const minutes = args.length === 0 ? 10 : Number(args[1]);
if (args.length > 2 || (args.length > 0 && args[0] !== "--minutes") || !(minutes > 0)) {
  process.stderr.write("usage: npm run soak -- --minutes N\n");
  process.exit(2);
}
const { status } = await run(nodeCommand("vitest/vitest.mjs", "run", "--project", "docker:soak"), {
  // Asked for by name: where it cannot run, that is a failure.
  env: { LIMPET_SOAK_MINUTES: `${minutes}`, CI: "true" },
  show: (text) => process.stdout.write(text),
});
process.exitCode = status;

/** `limpet schema`: what editors complete Limpet's fields from. */
import { Command } from "commander";
import { envoyFileSchema, schemaText } from "../schema/schema.js";

/** The subcommand; `finish` runs a command to its end. */
export function schemaCommand(finish: (command: () => Promise<number>) => Promise<void>): Command {
  return new Command("schema")
    .description("print the JSON Schema of the filter's configuration")
    .option("--envoy", "of a whole Envoy file instead: it says what stands in Limpet's place there")
    .action(({ envoy }: { envoy?: boolean }) =>
      finish(async () => {
        const text = envoy ? `${JSON.stringify(envoyFileSchema(), null, 2)}\n` : schemaText();
        await new Promise((resolve) => process.stdout.write(text, resolve));
        return 0;
      }),
    );
}

/** The lines that say what to try. */
import { colours } from "../../scripts/colours.js";
import type { Scene } from "./scene.js";

export function welcome({ file, layout, engine, method, backends }: Scene): string {
  const title = `${colours.bold(file)} on ${engine.name}`;
  const last = "Each request gets a line below; Ctrl-C ends everything.\n";
  if (!layout.listener) return `${title}. ${last}`;

  const url = `http://${layout.listener.host}:${layout.listener.port}/`;
  const tries = [
    `curl -i ${url}`,
    ...method.values
      .filter(({ place }) => place === "header")
      .map(({ name, of }) => `curl -s -H "${name}: ${of(1)}" ${url}`),
    ...(method.cookies.first > 0 ? [`curl -s -c jar -b jar ${url}     # again and again: with a cookie jar`] : []),
    ...(layout.admin ? [`curl -s http://${layout.admin.host}:${layout.admin.port}/stats | grep limpet`] : []),
  ];
  const page =
    layout.admin && engine.hasPage
      ? [
          `See it live, and kill a server: ${colours.bold(`http://${layout.admin.host}:${layout.admin.port}/limpet`)}`,
          "",
        ]
      : [];
  const servers = backends.map(({ id, port }) => `${id} on ${port}`).join(", ");
  return [
    `${title}${servers && `, with servers ${servers}`}. Try:`,
    "",
    ...tries.map((line) => `  ${line}`),
    "",
    ...page,
    last,
  ].join("\n");
}

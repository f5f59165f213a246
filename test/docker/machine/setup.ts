/** Vitest's global set-up of the tests in Docker: a daemon, the images, the network; and nothing left of them. */
import { ensureFilter } from "../../../scripts/build.js";
import { say } from "../../../scripts/project.js";
import { startDaemon } from "./daemon.js";
import { buildImages } from "./images.js";
import { createNetwork, removeAll } from "./network.js";

export default async function setup(): Promise<() => Promise<void>> {
  const daemon = await startDaemon();
  if ("missing" in daemon) {
    // Seen by the targets and tests in the workers, which skip, or fail where CI is set.
    process.env.LIMPET_NO_DOCKER = daemon.missing;
    return async () => {};
  }
  const end = async () => {
    await removeAll();
    await daemon.stop();
  };
  try {
    await removeAll();
    await ensureFilter();
    say("building the images");
    await buildImages();
    await createNetwork();
  } catch (error) {
    await end();
    throw error;
  }
  return end;
}

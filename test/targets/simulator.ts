import { Simulator } from "../../host-sim/simulator.js";
import { FilesDirectory } from "./files-directory.js";
import { type Running, type StartOptions, StartRefused, type Target } from "./target.js";

/** The simulator, within the tests' own process. */
export const simulator: Target = {
  name: "simulator",
  backendHost: "127.0.0.1",

  async available() {
    return undefined;
  },

  async start({ config, files, concurrency }: StartOptions): Promise<Running> {
    const directory = new FilesDirectory(files);
    const file = directory.replace("bootstrap.yaml", config);
    let log = "";
    const options = {
      bootstrap: { file },
      concurrency,
      log: (level: string, component: string, message: string) => {
        log += `[${level}][${component}] ${message}\n`;
      },
      accessLog: (text: string) => {
        log += text;
      },
    };
    try {
      const running = await Simulator.start(options);
      const { adminPort } = running;
      if (adminPort === undefined) throw new Error("the configuration needs an admin listener");
      return {
        adminPort,
        log: () => log,
        listener: async (name) => running.listener(name).port,
        replaceFile: (name, text) => void directory.replace(name, text),
        async stop() {
          await running.stop();
          directory.remove();
        },
      };
    } catch (error) {
      directory.remove();
      throw new StartRefused("the simulator", `${log}${error}`);
    }
  },
};

import { expect, test } from "vitest";
import { call, returned } from "../guest.js";
import { OUTSIDE, start } from "../harness.js";

const CALL = "proxy_get_configuration";
const abi = ["0.1.0"];

test("gives the plugin's configuration in proxy_on_configure, else the VM's", async () => {
  const steps = [call(CALL, returned())];
  const { results } = await start({
    abi,
    callbacks: { proxy_on_vm_start: { steps, returns: 1 }, proxy_on_configure: { steps, returns: 1 } },
  });
  expect(results("proxy_on_vm_start")).toEqual([[0, "vm configuration"]]);
  expect(results("proxy_on_configure")).toEqual([[0, "plugin configuration"]]);
});

test("bad pointers", async () => {
  const { results } = await start({
    abi,
    callbacks: { proxy_on_configure: { steps: [call(CALL, OUTSIDE, OUTSIDE)], returns: 1 } },
  });
  expect(results("proxy_on_configure")).toEqual([[6]]);
});

test("is not in later ABIs", async () => {
  const script = { callbacks: { proxy_on_configure: { steps: [call(CALL, returned())] } } };
  await expect(start(script)).rejects.toThrow(
    "import env.proxy_get_configuration is of ABI 0.1.0, but the module declares ABI 0.2.1",
  );
});

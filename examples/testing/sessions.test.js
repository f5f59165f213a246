// @ts-check
// The sessions of envoy.yaml, on Limpet's simulator: the file as it is deployed, and no port is taken.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Stage } from "limpet";

const config = { file: fileURLToPath(new URL("envoy.yaml", import.meta.url)) };

/** @type {Stage} */
let stage;
before(async () => {
  stage = await Stage.start({ config });
});
after(() => stage.stop());

test("a client stays where it was placed, and the application never sees the cookie", async () => {
  const client = stage.client();
  const first = await client.get("/cart");
  assert.equal(first.verdict?.outcome, "placed");
  assert.equal(first.setCookies.length, 1);
  for (let visit = 0; visit < 10; visit++) {
    const answer = await client.get("/cart");
    assert.equal(answer.server, first.server);
    assert.equal(answer.verdict?.outcome, "stuck");
    assert.deepEqual(answer.setCookies, []);
    assert.doesNotMatch(answer.body, /SERVERID/i);
  }
});

test("a server dies: its sessions move at once, and stay there when it is back", async () => {
  const client = stage.client();
  const { server } = await client.get("/cart");
  assert.ok(server);
  await stage.kill(server);
  const moved = await client.get("/cart");
  assert.equal(moved.status, 200);
  assert.notEqual(moved.server, server);
  assert.equal(client.cookies.get("SERVERID"), moved.server);
  await stage.restore(server);
  assert.equal((await client.get("/cart")).server, moved.server);
  assert.ok((stage.stats().get("cluster.shop.upstream_rq_retry") ?? 0) >= 1);
});

test("a server of one's own behind the proxy", async () => {
  const shop = createServer((_, response) => response.end("the shop itself"));
  await new Promise((listening) => shop.listen(0, "127.0.0.1", () => listening(undefined)));
  const address = shop.address();
  assert.ok(address !== null && typeof address === "object");
  const mine = await Stage.start({ config, backends: { blue: address.port } });
  try {
    const client = mine.client();
    client.cookies.set("SERVERID", "blue");
    const answer = await client.get("/");
    assert.equal(answer.server, "blue");
    assert.equal(answer.body, "the shop itself");
  } finally {
    await mine.stop();
    shop.close();
  }
});

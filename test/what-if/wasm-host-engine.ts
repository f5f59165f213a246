/** The what-if runs' other engine: the simulator's own wasm host, with strings and objects, as a measure. */
import { UsageError } from "../../host-sim/cli/usage-error.js";
import {
  createVm,
  type HeaderField,
  type HttpCallResult,
  type Plugin,
  PluginRefused,
} from "../../host-sim/wasm-host/index.js";
import {
  type Engine,
  EPOCH_SECONDS,
  firstTick,
  type Surroundings,
  type Visit,
} from "../../host-sim/what-if/host/engine.js";
import { writeSessionId } from "../../host-sim/what-if/host/session-id.js";
import { Random } from "../../host-sim/what-if/random.js";
import { filterModule } from "../filter/filter.js";
import { bytes, fields, TestStream, testServices } from "../wasm-host/harness.js";

const base64 = (text: string) => Buffer.from(text, "latin1").toString("base64");

/** An engine for `runShard`, and the Set-Cookie lines that it has seen. */
export async function wasmHostEngine(): Promise<{
  create(surroundings: Surroundings): Engine;
  setCookies: string[];
}> {
  let now = 0;
  let random: Random | undefined;
  let admin: Surroundings["admin"];
  const timers = new Set<{ periodMs: number; due: number; tick(): void }>();
  const answers: (() => void)[] = [];
  const setCookies: string[] = [];
  const services = testServices({
    clock: {
      now: () => BigInt(Math.floor((EPOCH_SECONDS + now) * 1e6)) * 1000n,
      every(periodMs, tick) {
        const timer = { periodMs, due: firstTick(now, periodMs), tick };
        timers.add(timer);
        return () => timers.delete(timer);
      },
    },
    httpCall({ cluster, headers }, respond) {
      if (cluster !== admin?.cluster) return false;
      const { status, body } = admin.page(headers.get(":path")!);
      const result: HttpCallResult = {
        ok: true,
        headers: fields("response", [[":status", String(status)]]),
        body: Buffer.from(body),
        trailers: fields("response", []),
      };
      answers.push(() => respond(result));
      return true;
    },
    random: (target) => {
      for (let i = 0; i < target.length; i++) target[i] = random!.next() >>> 24;
    },
  });
  const vm = await createVm(filterModule, services, { vmId: "", vmConfiguration: new Uint8Array(), environment: {} });

  function create({ jar, session, addresses, handoff, seed, envoy, ...rest }: Surroundings): Engine {
    admin = rest.admin;
    random = new Random(seed, 0x10000 + envoy);
    const asked = new Int32Array(8);
    let askedCount = 0;
    let plugin: Plugin | undefined;
    const open = new Map<number, [TestStream, ReturnType<Plugin["createStream"]>]>();
    const idOf = ({ client, session }: Visit) => {
      const id = new Uint8Array(16);
      writeSessionId(id, 0, client, session);
      return Buffer.from(id).toString("latin1");
    };

    function line(client: number): string {
      const target = new Uint8Array(jar.lineLength(client) + 4);
      const room = new Uint8Array((target.length + 3) & ~3);
      jar.writeLine(client, room, new Uint32Array(room.buffer), 0);
      return Buffer.from(room.subarray(0, target.length - 4)).toString("latin1");
    }

    return {
      asked,
      get askedCount() {
        return askedCount;
      },
      configure(configuration, at) {
        now = at;
        const before = plugin;
        try {
          plugin = vm.startPlugin({ name: "limpet", rootId: "limpet", configuration });
        } catch (error) {
          if (error instanceof PluginRefused) throw new UsageError(error.message);
          throw error;
        }
        before?.stop();
      },
      get nextTick() {
        return Math.min(...[...timers].map(({ due }) => due)) / 1000;
      },
      tick() {
        const timer = [...timers].sort((a, b) => a.due - b.due)[0]!;
        now = timer.due / 1000;
        timer.due += timer.periodMs;
        timer.tick();
        while (answers.length > 0) answers.shift()!();
      },
      request(stream, visit) {
        now = visit.now;
        const cookies = line(visit.client);
        const headers: HeaderField[] = [
          [":authority", "app.example"],
          [":path", "/"],
          [":method", "GET"],
          [":scheme", "http"],
        ];
        if (session !== undefined && "header" in session) headers.push([session.header, idOf(visit)]);
        if (cookies !== "") headers.push(["cookie", cookies]);
        const host = new TestStream(headers);
        const { address } = visit;
        const octets = [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
        host.properties.set("source.address", bytes(`${octets}:50123`));
        host.properties.set("xds.cluster_name", bytes("app"));
        const pluginStream = plugin!.createStream(host);
        pluginStream.onRequestHeaders(true);
        open.set(stream, [host, pluginStream]);
        const value = host.headers("request")!.get(handoff.header);
        const list =
          value === undefined
            ? []
            : handoff.kind === "override_host"
              ? value.split(",")
              : [Buffer.from(value, "base64").toString("latin1")];
        askedCount = 0;
        for (const host of list) if (addresses.includes(host)) asked[askedCount++] = addresses.indexOf(host);
      },
      response(stream, visit, first, served) {
        now = visit.now;
        const [host, pluginStream] = open.get(stream)!;
        open.delete(stream);
        const headers: HeaderField[] = [[":status", "200"]];
        const cookie = session !== undefined && "cookie" in session ? session.cookie : undefined;
        if (
          served >= 0 &&
          cookie !== undefined &&
          !line(visit.client)
            .split("; ")
            .some((pair) => pair.startsWith(`${cookie}=`))
        ) {
          headers.push(["set-cookie", `${cookie}=${idOf(visit)}; Path=/; HttpOnly`]);
        }
        if (served >= 0) {
          host.properties.set("upstream.address", bytes(addresses[served]!));
          if (handoff.kind === "stateful_session" && served !== first)
            headers.push([handoff.header, base64(addresses[served]!)]);
        }
        host.properties.set("response.code_details", bytes(served < 0 ? "no_healthy_upstream" : "via_upstream"));
        const response = fields("response", headers);
        host.maps["response headers"] = response;
        pluginStream.onResponseHeaders(true);
        for (const [name, value] of response.fields) {
          if (name !== "set-cookie" || !visit.keeps) continue;
          setCookies.push(value);
          const text = bytes(value);
          const room = new Uint8Array((text.length + 3) & ~3);
          room.set(text);
          jar.store(visit.client, room, new Uint32Array(room.buffer), 0, text.length);
        }
        pluginStream.end();
      },
      outcomes: () => ({}),
      memory: () => ({ filter: 0, shared: 0 }),
    };
  }
  return { create, setCookies };
}

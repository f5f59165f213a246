/** What grows, and the policies and requests at each of its steps. */
export interface Step {
  axis: string;
  value: number;
  configuration: Record<string, unknown>;
  fields: [string, string][];
}

/** The hand-off's header. */
export const HAND_OFF = "x-limpet-upstream";

const PSEUDO: [string, string][] = [
  [":authority", "app.example"],
  [":path", "/"],
  [":method", "GET"],
  [":scheme", "http"],
  ["user-agent", "bench"],
  ["x-forwarded-proto", "http"],
];

const servers = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: `S${i}`, address: `10.0.${i >> 8}.${i & 255}:8080` }));

const limpet = (count: number, rules: object[]) => ({
  handoff: { stateful_session: { header: HAND_OFF } },
  verdict: false,
  servers: servers(count),
  rules,
});

const pin = { pin: { cookie: { name: "SERVERID", value: "server_id" } } };
const rendezvous = { hash: { client_ip: {}, algorithm: "rendezvous" } };
const maglev = { hash: { client_ip: {}, algorithm: "maglev" } };

/** Rules that look for something that this client does not bring, and behind them the one that it does. */
const rulesBefore = (count: number) => [
  ...Array.from({ length: count - 1 }, (_, i) => ({ route: { header: `x-other-${i}` } })),
  pin,
];

/** A Cookie line of about that length with the pin's cookie in its middle. */
function cookies(length: number): string {
  const own = "SERVERID=S2";
  const other = (i: number) => `name_${i}=value-of-no-interest-${i}`;
  const parts = [own];
  for (let i = 0, size = own.length; size + other(i).length + 2 <= length; i++) {
    size += other(i).length + 2;
    if (i % 2 === 0) parts.push(other(i));
    else parts.unshift(other(i));
  }
  return parts.join("; ");
}

const request = (cookie: string): [string, string][] => [...PSEUDO, ["cookie", cookie]];

/** All steps; the first of each axis is what the others are compared with. */
export function steps(): Step[] {
  const sticky = request(cookies(60));
  const row = (axis: string, value: number, configuration: Step["configuration"], fields = sticky) => ({
    axis,
    value,
    configuration,
    fields,
  });
  return [
    ...[11, 128, 512, 1024, 2048, 4096, 8192].map((length) =>
      row("bytes of the Cookie line", length, limpet(3, [pin]), request(cookies(length))),
    ),
    ...[1, 2, 4, 8, 16].map((count) => row("rules", count, limpet(3, rulesBefore(count)))),
    ...[3, 10, 100, 1000, 5000].map((count) => row("servers, id cookie", count, limpet(count, [pin]))),
    ...[3, 10, 100, 1000, 5000].map((count) => row("servers, maglev", count, limpet(count, [maglev]))),
    ...[3, 10, 100, 1000, 5000].map((count) => row("servers, rendezvous", count, limpet(count, [rendezvous]))),
  ];
}

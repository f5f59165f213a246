/** An Envoy that speaks everything: in the clear, with TLS and QUIC, to servers with HTTP/1.1 and with HTTP/2. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { inProject } from "../../../scripts/project.js";
import { demand } from "../../../scripts/tools/need.js";
import type { Plain } from "../../scenarios/stage/bootstrap.js";
import type { FilesDirectory } from "../../targets/files-directory.js";
import { Envoy, limpetBootstrap } from "../world/envoy.js";
import { HTTP1_PORT, HTTP2_PORT, type Pool } from "../world/pool.js";

/** Of TLS (TCP) and of QUIC (UDP). */
export const TLS_PORT = 10443;
const HTTP_OPTIONS = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const TLS_CONTEXT = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext";

export interface Tls {
  certificate: string;
  key: string;
  certificateFile: string;
}

/** A certificate of one day for `app.test`, and its key. */
export async function certificate(files: FilesDirectory): Promise<Tls> {
  const [certificate, key] = [join(files.path, "certificate.pem"), join(files.path, "key.pem")];
  const { status, stderr } = spawnSync(
    await demand("openssl"),
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"],
      ...["-subj", "/CN=app.test", "-addext", "subjectAltName=DNS:app.test", "-out", certificate, "-keyout", key],
      // A server's, and no authority's: qh3 insists.
      ...["-addext", "basicConstraints=critical,CA:FALSE"],
    ],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`openssl makes no certificate: ${stderr}`);
  const [certificateText, keyText] = [readFileSync(certificate, "utf8"), readFileSync(key, "utf8")];
  return { certificate: certificateText, key: keyText, certificateFile: certificate };
}

/** What docs/http3.md adds to a configuration: the listener, and what tells clients of it. */
function http3Example(): [listeners: Plain[], virtualHost: Plain] {
  const blocks = readFileSync(inProject("docs/http3.md"), "utf8").matchAll(/^```yaml\n(.*?)^```$/gms);
  const [listeners, virtualHost] = Array.from(blocks, ([, yaml]) => parse(yaml!));
  return [listeners, virtualHost];
}

export async function startEnvoy(pool: Pool, address: string, tls: Tls) {
  const bootstrap = limpetBootstrap(pool);
  const { listeners, clusters } = bootstrap.plain.static_resources;
  const http = bootstrap.http();
  http.http_protocol_options = { enable_trailers: true };
  http.upgrade_configs = [{ upgrade_type: "websocket" }];
  // What is gRPC, or asked for below /h2, goes to the servers in HTTP/2.
  const { routes } = bootstrap.virtualHost();
  const toHttp2 = structuredClone(routes[0].route);
  delete toHttp2.retry_policy.per_try_timeout;
  toHttp2.cluster = "app-h2";
  delete routes[0].route.retry_policy.per_try_timeout;
  routes.unshift(
    { match: { prefix: "/", grpc: {} }, route: toHttp2 },
    { match: { prefix: "/h2/" }, route: { ...toHttp2, prefix_rewrite: "/" } },
  );
  const { servers, rules, handoff } = bootstrap.limpet();
  const http2Servers = servers.map(({ id, address }: Plain) => ({ id, address: http2(address) }));
  bootstrap.httpFilter("limpet").config.configuration.value = {
    policy_from: "xds.cluster_name",
    policies: { app: { servers, rules }, "app-h2": { servers: http2Servers, rules } },
    handoff,
  };

  const cluster = bootstrap.cluster();
  cluster.typed_extension_protocol_options = {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
      "@type": HTTP_OPTIONS,
      explicit_http_config: { http_protocol_options: { enable_trailers: true } },
    },
  };
  const clusterHttp2 = structuredClone(cluster);
  clusterHttp2.name = "app-h2";
  clusterHttp2.load_assignment.cluster_name = "app-h2";
  for (const { endpoint } of clusterHttp2.load_assignment.endpoints[0].lb_endpoints) {
    endpoint.address.socket_address.port_value = HTTP2_PORT;
  }
  clusterHttp2.typed_extension_protocol_options["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"] = {
    "@type": HTTP_OPTIONS,
    explicit_http_config: { http2_protocol_options: {} },
  };
  clusterHttp2.health_checks[0].http_health_check.codec_client_type = "HTTP2";
  clusters.push(clusterHttp2);

  const tls_certificates = [
    { certificate_chain: { inline_string: tls.certificate }, private_key: { inline_string: tls.key } },
  ];
  const [[quic], { response_headers_to_add }] = http3Example();
  const [{ transport_socket, filters }] = quic.filter_chains;
  transport_socket.typed_config.downstream_tls_context.common_tls_context.tls_certificates = tls_certificates;
  filters[0].typed_config = { ...structuredClone(http), ...filters[0].typed_config };

  bootstrap.addListener("tls", TLS_PORT);
  bootstrap.virtualHost("tls").response_headers_to_add.push(...response_headers_to_add);
  listeners.push(quic);
  listeners[1].filter_chains[0].transport_socket = {
    name: "envoy.transport_sockets.tls",
    typed_config: {
      "@type": TLS_CONTEXT,
      common_tls_context: {
        alpn_protocols: ["h2", "http/1.1"],
        tls_certificates,
      },
    },
  };
  return Envoy.start(bootstrap, address);
}

const http2 = (address: string) => address.replace(`:${HTTP1_PORT}`, `:${HTTP2_PORT}`);

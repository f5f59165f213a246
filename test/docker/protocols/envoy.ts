/** An Envoy that speaks everything: in the clear and with TLS, to servers with HTTP/1.1 and with HTTP/2. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { demand } from "../../../scripts/tools/need.js";
import type { Plain } from "../../scenarios/stage/bootstrap.js";
import type { FilesDirectory } from "../../targets/files-directory.js";
import { Envoy, limpetBootstrap } from "../world/envoy.js";
import { HTTP1_PORT, HTTP2_PORT, type Pool } from "../world/pool.js";

export const TLS_PORT = 10443;
const HTTP_OPTIONS = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const TLS_CONTEXT = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext";

/** A certificate of one day for `app.test`, and its key, as files. */
export async function certificate(files: FilesDirectory): Promise<{ certificate: string; key: string }> {
  const [certificate, key] = [join(files.path, "certificate.pem"), join(files.path, "key.pem")];
  const { status, stderr } = spawnSync(
    await demand("openssl"),
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"],
      ...["-subj", "/CN=app.test", "-addext", "subjectAltName=DNS:app.test", "-out", certificate, "-keyout", key],
    ],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`openssl makes no certificate: ${stderr}`);
  return { certificate: readFileSync(certificate, "utf8"), key: readFileSync(key, "utf8") };
}

export async function startEnvoy(pool: Pool, address: string, tls: { certificate: string; key: string }) {
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

  bootstrap.addListener("tls", TLS_PORT);
  listeners[1].filter_chains[0].transport_socket = {
    name: "envoy.transport_sockets.tls",
    typed_config: {
      "@type": TLS_CONTEXT,
      common_tls_context: {
        alpn_protocols: ["h2", "http/1.1"],
        tls_certificates: [
          { certificate_chain: { inline_string: tls.certificate }, private_key: { inline_string: tls.key } },
        ],
      },
    },
  };
  return Envoy.start(bootstrap, address);
}

const http2 = (address: string) => address.replace(`:${HTTP1_PORT}`, `:${HTTP2_PORT}`);

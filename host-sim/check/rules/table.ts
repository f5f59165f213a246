/** All rules; docs/checks.md lists them. */
import { DISCOVERY } from "./discovery.js";
import { HAND_OFF } from "./hand-off.js";
import { OPERATOR } from "./operator.js";
import { RETRIES } from "./retries.js";
import type { Rule } from "./rule.js";
import { SERVERS } from "./servers.js";
import { TOKENS } from "./tokens.js";
import { WHOLE } from "./whole.js";

export const RULES: Rule[] = [...HAND_OFF, ...RETRIES, ...SERVERS, ...DISCOVERY, ...TOKENS, ...WHOLE, ...OPERATOR];

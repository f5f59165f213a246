/** The operator's listener: whoever reaches it may forget sessions. */
import type { Rule } from "./rule.js";

const LOOPBACK = /^(127\.|::1$|localhost$)/;

export const OPERATOR: Rule[] = [
  {
    id: "operator-in-public",
    severity: "warning",
    means:
      "`operator: true` on an address that other machines reach: whoever does may look sessions up, and forget them",
    ofOperator: true,
    look: ({ listener }) => {
      const address = listener.get("address", "socket_address", "address");
      if (!address || LOOPBACK.test(String(address.node.value))) return [];
      return [{ at: address, message: "expected an address of this machine alone (127.0.0.1)" }];
    },
  },
];

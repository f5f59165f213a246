/** The golden configurations that the filter refuses for what no schema can see, and what that is. */
const TWINS = "two things that must differ are the same";

export const UNSEEN: Record<string, string> = {
  "discover-timeout-long": "how long a duration is",
  "gauges-idle-zero": "how long a duration is",
  "keys-required": "whether the environment has keys",
  "learn-store-without-keys": "whether the environment has keys",
  "learn-without-servers": "which rules need a list of servers",
  "pin-cookie-max-age-too-long": "how long a duration is",
  "pin-cookie-max-age-zero": "how long a duration is",
  "rebalance-without-servers": "that a list of servers is there",
  "redispatch-needs-override-host": "which hand-off there is",
  "rule-cookies-twice": TWINS,
  "rule-default-names-twice": TWINS,
  "rule-names-twice": TWINS,
  "rules-that-remember": "how many rules remember",
  "server-address-twice": TWINS,
  "server-id-twice": TWINS,
  "server-number-twice": TWINS,
  "servers-missing": "which rules need a list of servers",
};

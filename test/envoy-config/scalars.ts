/** YAML scalars as they are written, and what Envoy makes of them in a google.protobuf.Struct. */
const SCALARS: Record<string, unknown> = {
  "": null,
  "~": null,
  null: null,
  Null: null,
  NULL: null,
  nUll: "nUll",
  "'null'": "null",
  "''": "",
  true: true,
  Yes: true,
  ON: true,
  y: true,
  "'y'": "y",
  False: false,
  no: false,
  off: false,
  N: false,
  tRue: "tRue",
  yES: "yES",
  T: "T",
  "1": 1,
  "'1'": "1",
  '" 1 "': " 1 ",
  "-5": -5,
  "+5": 5,
  "-0": 0,
  "00": 0,
  "007": 7,
  "010": 8,
  "-010": -8,
  "08": "08",
  "0x10": 16,
  "0X1F": 31,
  "-0x1": -1,
  "+0x10": 16,
  "0x": "0x",
  "0xG": "0xG",
  "0o17": "0o17",
  "0b1": "0b1",
  "1_000": "1_000",
  "2147483647": 2147483647,
  "2147483648": "2147483648",
  "-2147483648": -2147483648,
  "-2147483649": "-2147483649",
  "0xffffffffff": "1099511627775",
  "9223372036854775807": "9223372036854775807",
  "9223372036854775808": "9223372036854775808",
  "1.5": "1.5",
  ".5": ".5",
  "1.": "1.",
  "1e3": "1e3",
  ".inf": ".inf",
  ".nan": ".nan",
  "2001-01-01": "2001-01-01",
  "1:30": "1:30",
  "1 2": "1 2",
  "+": "+",
  "[1, no, {a: 0x1}]": [1, false, { a: 1 }],
};

/** A bootstrap with the scalars in a cluster's metadata, as `s0`, `s1`, ... */
export const scalarsBootstrap = (port: number) => `
admin: {address: {socket_address: {address: 127.0.0.1, port_value: ${port}}}}
static_resources:
  clusters:
  - name: app
    metadata:
      filter_metadata:
        scalars:
${Object.keys(SCALARS)
  .map((scalar, index) => `          s${index}: ${scalar}`)
  .join("\n")}
`;

/** The metadata `scalars` of that bootstrap. */
export const scalarsInEnvoy = Object.fromEntries(Object.values(SCALARS).map((value, index) => [`s${index}`, value]));

/** What routes, virtual hosts and route configurations do to headers: envoy.config.core.v3.HeaderValueOption. */
import type { HeaderToAdd } from "./model.js";
import { message, optional, repeated, required } from "./reader/message.js";
import type { Reader } from "./reader/place.js";
import { headerName, oneOf } from "./reader/scalars.js";
import { substitution } from "./substitution.js";

/** Envoy lets neither pseudo-headers nor Host be changed. */
export const changeableHeader: Reader<string> = (at) => {
  const name = headerName(at);
  return name.startsWith(":") || name === "host" ? at.expected("a header other than host and pseudo-headers") : name;
};

const headerValue: Reader<string> = (at) => {
  const value = substitution(at);
  return /[\0\r\n]/.test(value) ? at.expected("a header's value without line ends") : value;
};

const headerToAdd: Reader<HeaderToAdd> = message(
  {
    header: required(message({ key: required(changeableHeader), value: optional(headerValue, "") })),
    append_action: optional(
      oneOf("APPEND_IF_EXISTS_OR_ADD", "ADD_IF_ABSENT", "OVERWRITE_IF_EXISTS_OR_ADD", "OVERWRITE_IF_EXISTS"),
      "APPEND_IF_EXISTS_OR_ADD",
    ),
  },
  ({ header, appendAction }) => ({ name: header.key, value: header.value, action: appendAction }),
);

/** The fields that each of the three levels has. */
export const headerMutations = {
  request_headers_to_add: repeated(headerToAdd),
  request_headers_to_remove: repeated(changeableHeader),
  response_headers_to_add: repeated(headerToAdd),
  response_headers_to_remove: repeated(changeableHeader),
};

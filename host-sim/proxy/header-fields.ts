import type { HeaderMap } from "../wasm-host/index.js";

/** Removes the fields that `connection` names (RFC 9110 §7.6.1), as Envoy's HTTP/1 codec does to requests. */
export function removeNominated(headers: HeaderMap): void {
  for (const line of headers.getAll("connection")) {
    for (const option of line.split(",")) headers.remove(option.trim().toLowerCase());
  }
}

/** Sets a field that occurs once: its value where it is, or a new field at the end (Envoy: the setters of inline headers). */
export function setField(headers: HeaderMap, name: string, value: string): void {
  const field = headers.fields.find((candidate) => candidate[0] === name);
  if (field === undefined) headers.add(name, value);
  else field[1] = value;
}

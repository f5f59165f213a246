/** Decodes base64 with its padding (latin1 text); undefined if it is not well-formed, or empty. */
export function decodeBase64(text: string): string | undefined {
  const good = text.length > 0 && text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  return good ? Buffer.from(text, "base64").toString("latin1") : undefined;
}

export function encodeBase64(text: string): string {
  return Buffer.from(text, "latin1").toString("base64");
}

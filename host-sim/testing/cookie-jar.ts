/** A client's cookies by name, in the manner of a browser that only ever visits one site and one path. */
export class CookieJar extends Map<string, string> {
  /**
   * Keeps the cookie of a `Set-Cookie` value; forgets it where `Max-Age` is not positive (RFC 6265, section 5.2.2).
   * @returns its name
   */
  keep(setCookie: string): string {
    const [, name = "", value = "", attributes = ""] = /^([^=;]*)=([^;]*)(.*)$/.exec(setCookie) ?? [];
    if (/;\s*max-age=(0|-\d+)\s*(;|$)/i.test(attributes)) this.delete(name);
    else this.set(name, value);
    return name;
  }

  /** The value of the request's `Cookie`; undefined while there are none. */
  get header(): string | undefined {
    return this.size === 0 ? undefined : [...this].map(([name, value]) => `${name}=${value}`).join("; ");
  }
}

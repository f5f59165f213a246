import { reset } from "../../../assembly/abi/arena";
import { readAddress } from "../../../assembly/config/address";
import { Field, Problems } from "../../../assembly/config/reader";
import { Value } from "../../../assembly/config/value";

describe("a server's address", () => {
  beforeEach(reset);

  test("of IPv4 is kept as it is", () => {
    reads("10.0.0.1:8080", "10.0.0.1:8080");
    reads("127.0.0.1:1", "127.0.0.1:1");
    reads("255.255.255.255:65535", "255.255.255.255:65535");
  });

  test("of IPv6 becomes what Envoy prints (RFC 5952)", () => {
    reads("[::1]:80", "[::1]:80");
    reads("[::]:80", "[::]:80");
    reads("[2001:DB8::1]:8080", "[2001:db8::1]:8080");
    reads("[2001:0db8:0000:0000:0000:0000:0000:0001]:8080", "[2001:db8::1]:8080");
    reads("[2001:db8:0:0:1:0:0:1]:80", "[2001:db8::1:0:0:1]:80");
    reads("[2001:db8:0:1:0:0:0:1]:80", "[2001:db8:0:1::1]:80");
    reads("[2001:db8:0:1:1:1:1:1]:80", "[2001:db8:0:1:1:1:1:1]:80");
    reads("[2001:db8::1:1:1:1:1]:80", "[2001:db8:0:1:1:1:1:1]:80");
    reads("[1:2:3:4:5:6:7:8]:80", "[1:2:3:4:5:6:7:8]:80");
    reads("[1:0:0:0:0:0:0:0]:80", "[1::]:80");
    reads("[0:0:0:0:0:0:0:8]:80", "[::8]:80");
    reads("[::FFFF:192.0.2.1]:80", "[::ffff:192.0.2.1]:80");
    reads("[::ffff:c000:201]:80", "[::ffff:192.0.2.1]:80");
  });

  test("is an IP address and a port from 1 to 65535", () => {
    // prettier-ignore
    const others = [
      "10.0.0.1", "10.0.0.1:", "10.0.0.1:0", "10.0.0.1:65536", "10.0.0.1:080", "10.0.0.1:80x", "10.0.0.1:-1", ":80", "80",
      "010.0.0.1:80", "10.0.0.256:80", "10.0.0:80", "localhost:80", "app.example:80", "http://10.0.0.1:80", " 10.0.0.1:80",
      "::1", "::1:80", "[::1]", "[::1]:", "[::1]80", "[::1]x:80", "[::1:80", "[]:80", "[10.0.0.1]:80", "[::1%eth0]:80", "[",
    ];
    for (let i = 0; i < others.length; i++) refuses(others[i]);
  });
});

function reads(text: string, expected: string): void {
  const problems = new Problems();
  expect<string>(readAddress(new Field("address", Value.ofText(text), problems))).toBe(expected, text);
  expect<bool>(problems.any).toBe(false, text);
}

function refuses(text: string): void {
  const problems = new Problems();
  readAddress(new Field("servers[0].address", Value.ofText(text), problems));
  expect<string>(problems.lines.join("; ")).toBe(
    `servers[0].address: expected ip:port such as 10.0.0.1:8080 or [2001:db8::1]:8080; got "${text}"`,
  );
}

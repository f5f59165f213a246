import { reset } from "../../../assembly/abi/arena";
import { NONE, Slice } from "../../../assembly/abi/slice";
import { decimal, parseAddress, parseIpv4, parseIpv6 } from "../../../assembly/identify/ip-address";
import { bytes, toHex } from "../bytes";

describe("IPv4", () => {
  beforeEach(reset);

  test("is four decimal numbers", () => {
    parsesIpv4("192.0.2.1", "c0000201");
    parsesIpv4("0.0.0.0", "00000000");
    parsesIpv4("255.255.255.255", "ffffffff");
  });

  test("is nothing else", () => {
    // prettier-ignore
    const others = [
      "", ".", "...", "1", "1.2.3", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.4.", "1.2.3.4.5", "256.1.1.1", "1.1.1.256",
      "01.2.3.4", "1.2.3.00", "1.2.3.-4", "+1.2.3.4", "0x1.2.3.4", "1.2.3.a", " 1.2.3.4", "1.2.3.4 ", "1,2,3,4", "1.2.3.99999999999", "a.b.c.d",
    ];
    for (let i = 0; i < others.length; i++) parsesIpv4(others[i], "none");
  });
});

describe("IPv6", () => {
  beforeEach(reset);

  test("has the forms of RFC 4291 §2.2", () => {
    parsesIpv6("ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "abcdef0123456789abcdef0123456789");
    parsesIpv6("2001:DB8:0:0:8:800:200C:417A", "20010db80000000000080800200c417a");
    parsesIpv6("2001:DB8::8:800:200C:417A", "20010db80000000000080800200c417a");
    parsesIpv6("FF01:0:0:0:0:0:0:101", "ff010000000000000000000000000101");
    parsesIpv6("FF01::101", "ff010000000000000000000000000101");
    parsesIpv6("0:0:0:0:0:0:0:1", "00000000000000000000000000000001");
    parsesIpv6("::1", "00000000000000000000000000000001");
    parsesIpv6("::", "00000000000000000000000000000000");
    parsesIpv6("0:0:0:0:0:0:13.1.68.3", "0000000000000000000000000d014403");
    parsesIpv6("::13.1.68.3", "0000000000000000000000000d014403");
  });

  test("puts the gap at the start, inside or at the end, for one group or more", () => {
    parsesIpv6("1::", "00010000000000000000000000000000");
    parsesIpv6("1:2:3:4:5:6:7::", "00010002000300040005000600070000");
    parsesIpv6("::2:3:4:5:6:7:8", "00000002000300040005000600070008");
    parsesIpv6("1:2:3::5:6:7:8", "00010002000300000005000600070008");
    parsesIpv6("1::8", "00010000000000000000000000000008");
    parsesIpv6("64:ff9b::192.0.2.33", "0064ff9b0000000000000000c0000221");
    parsesIpv6("1:2:3:4:5::1.2.3.4", "00010002000300040005000001020304");
  });

  test("that is IPv4-mapped is that IPv4 address (RFC 4291 §2.5.5.2)", () => {
    parsesIpv6("::ffff:192.0.2.1", "c0000201");
    parsesIpv6("::FFFF:c000:0201", "c0000201");
    parsesIpv6("0:0:0:0:0:ffff:1.2.3.4", "01020304");
    parsesIpv6("::fffe:1.2.3.4", "00000000000000000000fffe01020304");
    parsesIpv6("1::ffff:1.2.3.4", "00010000000000000000ffff01020304");
  });

  test("is read without its zone", () => {
    parsesIpv6("fe80::1%eth0", "fe800000000000000000000000000001");
    parsesIpv6("fe80::1%", "fe800000000000000000000000000001");
    parsesIpv6("%eth0", "none");
  });

  test("is nothing else", () => {
    // prettier-ignore
    const others = [
      "", ":", ":::", "1", "1:", ":1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
      "::1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8::", "1::2::3", "1:::2", "12345::", "::12345", "g::", "::g", "::/", "::@",
      "1.2.3.4", "::1.2.3", "::1.2.3.256", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3.4:5", "1.2.3.4::", "::1.2.3.4.5",
      " ::1", "::1 ", "[::1]", "::-1", "1:2:3:4:5:6:7:8:", "2001:db8::1::", "::\u0661",
    ];
    for (let i = 0; i < others.length; i++) parsesIpv6(others[i], "none");
  });
});

describe("an address as Envoy prints it", () => {
  beforeEach(reset);

  test("is read without its port", () => {
    parsesAddress("192.0.2.1:50123", "c0000201");
    parsesAddress("192.0.2.1", "c0000201");
    parsesAddress("[2001:db8::1]:50123", "20010db8000000000000000000000001");
    parsesAddress("[::ffff:192.0.2.1]:50123", "c0000201");
    parsesAddress("[fe80::1%2]:50123", "fe800000000000000000000000000001");
  });

  test("is none for a Unix socket, an internal listener, a name, or nothing", () => {
    // prettier-ignore
    const others = [
      "", "/run/app.sock", "@abstract", "envoy://internal", "localhost:80", "[", "[]", "[]:80", "[::1", ":80", "::1",
    ];
    for (let i = 0; i < others.length; i++) parsesAddress(others[i], "none");
  });
});

describe("a decimal number", () => {
  test("has one to five digits and an upper bound", () => {
    expect<i32>(decimal(bytes("0"), 255)).toBe(0);
    expect<i32>(decimal(bytes("255"), 255)).toBe(255);
    expect<i32>(decimal(bytes("256"), 255)).toBe(-1);
    expect<i32>(decimal(bytes("65535"), 65535)).toBe(65535);
    expect<i32>(decimal(bytes("99999"), 65535)).toBe(-1);
    expect<i32>(decimal(bytes("100000"), 1000000)).toBe(-1);
    expect<i32>(decimal(bytes("01"), 255)).toBe(-1);
    expect<i32>(decimal(bytes(""), 255)).toBe(-1);
    expect<i32>(decimal(bytes("1a"), 255)).toBe(-1);
    expect<i32>(decimal(bytes("/"), 255)).toBe(-1);
    expect<i32>(decimal(bytes(":"), 255)).toBe(-1);
  });
});

function shown(address: Slice): string {
  return address == NONE ? "none" : toHex(address);
}

function parsesIpv4(address: string, expected: string): void {
  expect<string>(shown(parseIpv4(bytes(address)))).toBe(expected, address);
}

function parsesIpv6(address: string, expected: string): void {
  expect<string>(shown(parseIpv6(bytes(address)))).toBe(expected, address);
}

function parsesAddress(address: string, expected: string): void {
  expect<string>(shown(parseAddress(bytes(address)))).toBe(expected, address);
}

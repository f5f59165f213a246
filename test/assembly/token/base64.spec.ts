import { reset } from "../../../assembly/abi/arena";
import { NONE } from "../../../assembly/abi/slice";
import { decodeBase64, encodeBase64 } from "../../../assembly/token/base64";
import { bytes, hex, text, toHex } from "../bytes";
import { Random } from "../random";

/** RFC 4648 §10. */
const PLAIN = ["", "f", "fo", "foo", "foob", "fooba", "foobar"];
const ENCODED = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];

describe("Base64", () => {
  beforeEach(reset);

  test("has the vectors of RFC 4648 §10", () => {
    for (let i = 0; i < PLAIN.length; i++) {
      expect<string>(encodeBase64(bytes(PLAIN[i]))).toBe(ENCODED[i]);
      expect<string>(decoded(ENCODED[i])).toBe(toHex(bytes(PLAIN[i])));
    }
  });

  test("has an address as Envoy's stateful_session writes it", () => {
    expect<string>(encodeBase64(bytes("127.0.0.1:8001"))).toBe("MTI3LjAuMC4xOjgwMDE=");
    expect<string>(text(decodeBase64(bytes("MTI3LjAuMC4xOjgwMDE=")))).toBe("127.0.0.1:8001");
  });

  test("has all 64 digits", () => {
    expect<string>(decoded("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")).toBe(
      "00108310518720928b30d38f41149351559761969b71d79f8218a39259a7a29aabb2dbafc31cb3d35db7e39ebbf3dfbf",
    );
  });

  test("is read without its padding too", () => {
    for (let i = 0; i < PLAIN.length; i++) {
      expect<string>(decoded(ENCODED[i].split("=").join(""))).toBe(toHex(bytes(PLAIN[i])));
    }
  });

  test("is nothing else", () => {
    // prettier-ignore
    const others = ["A", "AAAAA", "A===", "A=", "=A==", "A=AA", "AA=A", "====", "AAAA====", "Zm9v!", "Zm9v ", " Zm9v",
      "Zm-_", "Zm9v\n", "Zg==Zg==", "Zh==", "Zm9=", "é"];
    for (let i = 0; i < others.length; i++) expect<string>(decoded(others[i])).toBe("none", others[i]);
    expect<bool>(decodeBase64(hex("00 00 00 00")) == NONE).toBe(true);
    expect<bool>(decodeBase64(hex("ff ff ff ff")) == NONE).toBe(true);
  });

  test("what is encoded is decoded", () => {
    const random = new Random();
    for (let i = 0; i < 300; i++) {
      reset();
      let digits = "";
      for (let n = random.below(40); n > 0; n--) digits += random.below(256).toString(16).padStart(2, "0");
      expect<string>(decoded(encodeBase64(hex(digits)))).toBe(digits);
    }
  });
});

function decoded(encoded: string): string {
  const plain = decodeBase64(bytes(encoded));
  return plain == NONE ? "none" : toHex(plain);
}

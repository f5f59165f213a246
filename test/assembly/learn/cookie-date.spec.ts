import { cookieDay } from "../../../assembly/learn/cookie-date";
import { bytes } from "../bytes";

describe("the day of a cookie's date", () => {
  test("is read as servers write it", () => {
    expect<i32>(cookieDay(bytes("Thu, 01 Jan 1970 00:00:00 GMT"))).toBe(0);
    expect<i32>(cookieDay(bytes("Thu, 01-Jan-1970 00:00:10 GMT"))).toBe(0);
    expect<i32>(cookieDay(bytes("Sun, 06 Nov 1994 08:49:37 GMT"))).toBe(9075);
    expect<i32>(cookieDay(bytes("Sunday, 06-Nov-94 08:49:37 GMT"))).toBe(9075);
    expect<i32>(cookieDay(bytes("6 nov 1994"))).toBe(9075);
    expect<i32>(cookieDay(bytes("Thu, 29 Feb 2024 00:00:00 GMT"))).toBe(19782);
    expect<i32>(cookieDay(bytes("Fri, 01 Mar 2024 00:00:00 GMT"))).toBe(19783);
    expect<i32>(cookieDay(bytes("Thu, 31-Dec-37 23:55:55 GMT"))).toBe(24836);
  });

  test("is none where there is no such date", () => {
    const others = ["", "0", "session", "1", "Thu, 01", "Thu, 01 Foo 1970", "Thu, 01 Jan 1969", "Thu, 01 Jan", "-1"];
    for (let i = 0; i < others.length; i++) expect<i32>(cookieDay(bytes(others[i]))).toBe(-1, others[i]);
  });
});

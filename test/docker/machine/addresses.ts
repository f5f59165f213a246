/**
 * The addresses on the network of the tests, 10.213.0.0/16: containers have theirs from the first half; the second half is
 * this machine's own, so that its clients can have addresses of their own.
 */
export const SUBNET = "10.213.0.0/16";
export const CLIENTS = "10.213.128.0/17";
/** This machine, as the containers see it. */
export const GATEWAY = "10.213.0.1";

/** @param group 0 to 127: who shares one (a test's containers, say) knows its members */
export function containerAddress(group: number, member: number): string {
  return `10.213.${group}.${member}`;
}

/** The address that stands for a client's loopback address: that of 127.0.0.7 is 10.213.128.7. */
export function clientAddress(loopback: string): string {
  if (loopback === "127.0.0.1") return GATEWAY;
  const [, , third, fourth] = loopback.split(".").map(Number);
  return `10.213.${128 + (third! % 128)}.${fourth}`;
}

declare module "siphash" {
  type Key = [number, number, number, number];
  const siphash: {
    hash(key: Key, message: Uint8Array): { h: number; l: number };
    hash_hex(key: Key, message: Uint8Array): string;
  };
  export default siphash;
}

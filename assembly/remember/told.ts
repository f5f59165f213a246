/** What a response says of the session, where it is not a server's index. */
export enum Told {
  Nothing = -1,
  End = -2,
}

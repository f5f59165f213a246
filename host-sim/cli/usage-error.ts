/** A complaint about the user's file, options or machine: its message, without a stack, is all that is shown. */
export class UsageError extends Error {
  constructor(
    message: string,
    readonly exitCode = 1,
  ) {
    super(message);
  }
}

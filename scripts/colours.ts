/** Colours for a person's terminal: none where the output goes to a file or another program, a CI's too. */
import picocolors from "picocolors";

const { FORCE_COLOR, NO_COLOR } = process.env;

/** Where NO_COLOR or FORCE_COLOR is set, it decides. */
export const colours = picocolors.createColors(
  !NO_COLOR && (FORCE_COLOR ? FORCE_COLOR !== "0" : process.stdout.isTTY === true),
);

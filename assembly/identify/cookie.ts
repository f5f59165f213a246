// A cookie of the application as the session's name.
import { COOKIE } from "../abi/names";
import { NONE, Slice, Text, lenOf } from "../abi/slice";
import { Request } from "../request";
import { CookieCursor } from "./cookies";
import { Source } from "./source";

const cookies = new CookieCursor();

export class CookieSource extends Source {
  private name: Text;

  constructor(
    private written: string,
    /** Every cookie whose name begins so: see `valueOf`. */
    private isPrefix: bool = false,
  ) {
    super();
    this.name = new Text(written);
  }

  /** The first cookie of that name that is not empty. */
  read(request: Request): Slice {
    const headers = request.headers();
    while (headers.nextOf(COOKIE)) {
      cookies.start(headers.value);
      while (cookies.next()) {
        const value = cookies.valueOf(this.name.slice, this.isPrefix);
        if (value != NONE && lenOf(cookies.value) > 0) return value;
      }
    }
    return NONE;
  }

  get label(): string {
    return this.written;
  }
}

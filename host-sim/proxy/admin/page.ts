/** One answer of the admin listener. */
export interface Page {
  status: number;
  type: string;
  body: string;
}

export function text(status: number, body: string): Page {
  return { status, type: "text/plain; charset=UTF-8", body };
}

export function json(value: unknown, indent?: number): Page {
  return { status: 200, type: "application/json", body: JSON.stringify(value, undefined, indent) };
}

// The root contexts of this VM: one for each configuration that is in use. Old and new ones live side
// by side while a listener is updated, so nothing of a policy is the module's.
import { setTickPeriod } from "./abi/host";
import { HttpCalls } from "./abi/http-calls";
import { Stream } from "./abi/streams";
import { Policies } from "./policies";

export class Root {
  policies: Policies | null = null;
  /** Open streams, whose records point here. */
  streams: i32 = 0;
  /** Deleted by the host while streams were open. */
  ended: bool = false;
  readonly calls: HttpCalls;
  /** Former configurations, which the records of streams from their time point into. */
  private former: Array<Policies> = [];

  constructor(
    readonly id: u32,
    goOn: (stream: u32) => void,
  ) {
    this.calls = new HttpCalls(goOn);
  }

  configure(policies: Policies): void {
    policies.begin(this.calls);
    const old = this.policies;
    if (old !== null) {
      old.end();
      if (this.streams > 0) this.former.push(old);
    }
    this.policies = policies;
    setTickPeriod(policies.tickers.period);
  }

  streamEnded(): void {
    this.streams--;
    if (this.streams > 0) return;
    if (this.former.length > 0) this.former.length = 0;
    if (this.ended) removeRoot(this.id);
  }

  static of(stream: Stream): Root {
    return changetype<Root>(stream.root);
  }
}

const roots = new Array<Root>();

/** `goOn` lets the paused request of a stream go on. */
export function addRoot(id: u32, goOn: (stream: u32) => void): void {
  roots.push(new Root(id, goOn));
}

export function findRoot(id: u32): Root | null {
  for (let i = 0; i < roots.length; i++) if (roots[i].id == id) return roots[i];
  return null;
}

/** Gives the configuration's memory back, once the last of its streams has ended. */
export function removeRoot(id: u32): void {
  const root = findRoot(id);
  if (root === null) return;
  root.ended = true;
  if (root.streams > 0) return;
  roots.splice(roots.indexOf(root), 1);
  const policies = root.policies;
  if (policies !== null) policies.end();
  __collect();
}

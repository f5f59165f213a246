// HTTP calls of a root context to one of Envoy's clusters, and who waits for their answers. A stream
// that waits does so in its root's name: a call does not end with the stream, only with the root.
import { proxy_http_call } from "@gcoredev/proxy-wasm-sdk-as/assembly/imports";
import { NONE, Slice, Text, lenOf, ptrOf } from "./slice";

const OK: u32 = 0;

const token: usize = memory.data(4, 4);

/** Waits for answers. */
export abstract class Caller {
  /**
   * The answer has come: `fields` header fields (0: none came, the call failed), `size` bytes of body,
   * which `answerHeader` and `answerBody` of host.ts read during this callback. An answer that Envoy
   * made itself, say 503 or 504, looks like any other.
   * @param about what the caller gave with the call, say a stream's id
   */
  abstract onAnswer(about: u32, fields: i32, size: i32): void;
}

/** The calls of one root context that are under way. */
export class HttpCalls {
  private tokens: Array<u32> = [];
  private callers: Array<Caller> = [];
  private abouts: Array<u32> = [];

  constructor(
    /** Lets the paused request of the stream of that id go on, for which an answer has come. */
    readonly goOn: (stream: u32) => void,
  ) {}

  /**
   * Calls the cluster; false if Envoy refuses, as it does where it has no such cluster or no host in it.
   * @param headers with :method, :path and :authority, as `headerList` writes them
   * @param timeout milliseconds, not 0
   */
  call(cluster: Text, headers: Slice, body: Slice, timeout: u32, caller: Caller, about: u32 = 0): bool {
    const name = cluster.slice;
    const status = proxy_http_call(
      ptrOf(name),
      lenOf(name),
      ptrOf(headers),
      lenOf(headers),
      ptrOf(body),
      lenOf(body),
      ptrOf(NONE),
      lenOf(NONE),
      timeout,
      token,
    );
    if (status != OK) return false;
    this.tokens.push(load<u32>(token));
    this.callers.push(caller);
    this.abouts.push(about);
    return true;
  }

  /** Hands the answer to who waits for it. */
  answer(token: u32, fields: i32, size: i32): void {
    const index = this.tokens.indexOf(token);
    if (index < 0) return;
    const caller = this.callers[index];
    const about = this.abouts[index];
    // The last one takes its place: nothing is allocated, and their order says nothing.
    this.tokens[index] = this.tokens[this.tokens.length - 1];
    this.callers[index] = this.callers[this.callers.length - 1];
    this.abouts[index] = this.abouts[this.abouts.length - 1];
    this.tokens.pop();
    this.callers.pop();
    this.abouts.pop();
    caller.onAnswer(about, fields, size);
  }
}

// One server that sessions can stick to.
import { Text, equal } from "../abi/slice";
import { xxh64 } from "../choose/xxh64";
import { Live } from "../sessions/live";
import { encodeBase64 } from "../token/base64";
import { HoldOff } from "./hold-off";

export enum State {
  /** Takes new sessions. */
  Up,
  /** Keeps the sessions it has, gets no new ones (HAProxy, nginx: drain). */
  Drain,
  /** Gets nothing (HAProxy: maintenance; nginx: down). */
  Down,
}

export class Server {
  readonly id: Text;
  /** `ip:port`, as Envoy prints it. */
  readonly address: Text;
  /** Base64 of the address: what Envoy's stateful_session reads. */
  readonly encodedAddress: Text;
  /** What nginx hashes in a consistent hash: the server as its configuration writes it. */
  readonly name: Text;
  /** What tells this server from the others in Limpet's own hashes. */
  readonly seed: u64;
  /** The gauge of its requests in flight, where they are counted; else 0. */
  inFlight: u32 = 0;
  /** Its live sessions, where they are counted. */
  live: Live | null = null;
  /** When it began to drain, in seconds since the epoch; 0: it does not, -1: not known yet. */
  drainSince: i64 = -1;
  /** What is known of its failures; outlives a change of its weight or state. */
  holdOff: HoldOff = new HoldOff();

  constructor(
    id: string,
    address: string,
    readonly weight: i32 = 1,
    readonly state: State = State.Up,
    name: string = address,
    /** What HAProxy hashes in a consistent hash: the server's number, from 1. */
    public number: i32 = 0,
    /** Which of the processes that had that address, one after another; 0 is not known. */
    readonly incarnation: u32 = 0,
  ) {
    const idText = new Text(id);
    const addressText = new Text(address);
    this.id = idText;
    this.address = addressText;
    this.encodedAddress = new Text(encodeBase64(addressText.slice));
    this.name = new Text(name);
    this.seed = xxh64(idText.slice, 0);
  }

  /** The same process, as far as is known. */
  isSame(other: Server): bool {
    return equal(this.address.slice, other.address.slice) && this.isOf(other.incarnation);
  }

  /** True unless a known incarnation says that it is another process. */
  isOf(incarnation: u32): bool {
    return this.incarnation == incarnation || this.incarnation == 0 || incarnation == 0;
  }

  /** May get a session that is not on it yet. */
  get takesNew(): bool {
    return this.state == State.Up;
  }

  /** May be asked for a session that it has. */
  get keepsOld(): bool {
    return this.state != State.Down;
  }
}

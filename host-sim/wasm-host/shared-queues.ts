interface Queue {
  items: Uint8Array[];
  /** Tells the root context that registered last; it may run later, on another turn. */
  ready: () => void;
}

/** Queues between the VMs of the process, named by `vm_id` and name (proxy-wasm/spec v0.2.1 §Shared Queues). */
export class SharedQueues {
  readonly #ids = new Map<string, number>();
  readonly #queues: Queue[] = [];

  /**
   * Opens or creates a queue; items already there stay. Only the last that registered is told of
   * new items, as in Envoy.
   * @returns the queue's id, from 1.
   */
  register(vmId: string, name: string, ready: (id: number) => void): number {
    const key = queueKey(vmId, name);
    const id = this.#ids.get(key) ?? this.#queues.length + 1;
    this.#ids.set(key, id);
    this.#queues[id - 1] = { items: this.#queues[id - 1]?.items ?? [], ready: () => ready(id) };
    return id;
  }

  /** The id of a queue that some VM has registered. */
  resolve(vmId: string, name: string): number | undefined {
    return this.#ids.get(queueKey(vmId, name));
  }

  /** Adds a copy at the end and tells the queue's root context. @returns false if there is no such queue. */
  enqueue(id: number, item: Uint8Array): boolean {
    const queue = this.#queues[id - 1];
    if (queue === undefined) return false;
    queue.items.push(new Uint8Array(item));
    queue.ready();
    return true;
  }

  /** Takes the first item. */
  dequeue(id: number): Uint8Array | "empty" | "no such queue" {
    const queue = this.#queues[id - 1];
    if (queue === undefined) return "no such queue";
    return queue.items.shift() ?? "empty";
  }
}

function queueKey(vmId: string, name: string): string {
  return `${vmId}\0${name}`;
}

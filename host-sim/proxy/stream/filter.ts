/**
 * One HTTP filter in one stream's chain. A filter passes on what it has seen by calling the same
 * method of its neighbour, at once or later; not calling it is pausing. The first link writes to the
 * client, the last one is the router.
 */
export abstract class StreamFilter {
  next!: StreamFilter;
  previous!: StreamFilter;

  /** The request's headers are in `stream.requestHeaders`; `end`: there is no body. */
  decodeHeaders(end: boolean): void {
    this.next.decodeHeaders(end);
  }

  decodeData(chunk: Buffer, end: boolean): void {
    this.next.decodeData(chunk, end);
  }

  /** The response's headers are in `stream.responseHeaders`. */
  encodeHeaders(end: boolean): void {
    this.previous.encodeHeaders(end);
  }

  encodeData(chunk: Buffer, end: boolean): void {
    this.previous.encodeData(chunk, end);
  }

  /** Called of the last filter: the request is answered without it. */
  onLocalReply(): void {}

  /** The stream is over, completely or by a reset: called once. */
  onDestroy(): void {}
}

/** Sets the neighbours of filters that stand in the order of the request. */
export function linkFilters(filters: readonly StreamFilter[]): void {
  for (let index = 1; index < filters.length; index++) {
    filters[index]!.previous = filters[index - 1]!;
    filters[index - 1]!.next = filters[index]!;
  }
}

// A slot names its server by a number that outlives the configuration: it comes from the server's id
// and incarnation, whatever place the server has in the list.
import { Servers } from "../servers/index";
import { TAG_MASK } from "./bucket";

export class ServerTags {
  private tags: StaticArray<u32>;
  /** Open addressing, at most half full: a server's index + 1, 0 is a free place. */
  private places: StaticArray<i32>;
  private mask: u32;

  constructor(servers: Servers) {
    let size: u32 = 4;
    while (size < <u32>servers.size * 2) size *= 2;
    this.mask = size - 1;
    this.places = new StaticArray<i32>(size);
    this.tags = new StaticArray<u32>(servers.size);
    for (let i = 0; i < servers.size; i++) {
      let tag = (<u32>servers.at(i).seed + servers.at(i).incarnation) & TAG_MASK;
      // No two servers of one list share a tag.
      while (this.find(tag) >= 0) tag = (tag + 1) & TAG_MASK;
      this.tags[i] = tag;
      this.places[this.place(tag)] = i + 1;
    }
  }

  has(server: i32): bool {
    return server < this.tags.length;
  }

  /** The tag of the server at that index. */
  of(server: i32): u32 {
    return unchecked(this.tags[server]);
  }

  /** The index of the server that has the tag, or -1. */
  find(tag: u32): i32 {
    return unchecked(this.places[this.place(tag)]) - 1;
  }

  /** The place of the tag, or the free one where it would be. */
  private place(tag: u32): u32 {
    let place = tag & this.mask;
    let index = unchecked(this.places[place]) - 1;
    while (index >= 0 && unchecked(this.tags[index]) != tag) {
      place = (place + 1) & this.mask;
      index = unchecked(this.places[place]) - 1;
    }
    return place;
  }
}

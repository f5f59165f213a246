// How sealed claims name a server: by its id, or by its endpoint where the servers have no ids.
import { Text, lenOf } from "../abi/slice";
import { Servers } from "../servers/index";
import { NameTable } from "../servers/name-table";
import { hashName } from "./keyed";
import { Claims, NAME_SIZE } from "./sealed";

export class SealedNames {
  private names: StaticArray<Text> = [];
  private table: NameTable = new NameTable([]);

  /** Called when the servers have changed. */
  prepare(servers: Servers): void {
    const names = new Array<Text>();
    for (let i = 0; i < servers.size; i++) names.push(nameOf(servers.at(i).id));
    this.names = StaticArray.fromArray(names);
    this.table = new NameTable(this.names);
  }

  /** The server that the claims name, or -1. */
  find(claims: Claims, servers: Servers): i32 {
    const server = claims.isEndpoint ? servers.meet(claims.server) : this.table.find(claims.server);
    // Another server may have that address now.
    return server >= 0 && servers.at(server).isOf(claims.incarnation) ? server : -1;
  }

  /** Has the claims name the server. */
  put(server: i32, servers: Servers, claims: Claims): void {
    claims.incarnation = servers.at(server).incarnation;
    claims.isEndpoint = !servers.haveIds;
    claims.server = claims.isEndpoint ? servers.at(server).address.slice : unchecked(this.names[server]).slice;
  }
}

/** The id, or where it is too long for a token 16 hex digits of its hash. */
function nameOf(id: Text): Text {
  return lenOf(id.slice) <= NAME_SIZE ? id : new Text(hashName(id.slice));
}

// A token that others write: it is read and acted on, and nothing is written (nginx `sticky route`).
import { Session } from "../abi/streams";
import { Served } from "../remember/served";
import { Request } from "../request";
import { Servers } from "../servers/index";
import { Token } from "../token/token";
import { Carrier } from "./carrier";

export class ReadOnly extends Carrier {
  constructor(private carrier: Carrier) {
    super();
  }

  read(request: Request, token: Token, servers: Servers, session: Session): void {
    this.carrier.read(request, token, servers, session);
  }

  remember(_served: Served, _token: Token, _servers: Servers, _session: Session, _due: bool): void {}
}

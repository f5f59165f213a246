// The operator's view: a listener of its own on which the filter answers every request itself, and
// tells of the tables of learned sessions, or takes sessions out (HAProxy's `show table`, `clear table`).
// It may allocate: nobody's session waits for it.
import { localResponse } from "../abi/host";
import { headerList } from "../abi/headers";
import { GET, METHOD, PATH } from "../abi/names";
import { NONE, Slice, Text, equal, literal } from "../abi/slice";
import { Policy } from "../policy";
import { Request } from "../request";
import { LearnRule } from "../rules/learn";
import { Page, View } from "./page";
import { parameter, resourceOf } from "./target";

const DELETE: Slice = literal("DELETE");

const ROOT: Slice = literal("/");
const SESSIONS: Slice = literal("/sessions");
const POLICY: Slice = literal("policy");
const RULE: Slice = literal("rule");
const ID: Slice = literal("id");
const SERVER: Slice = literal("server");
const FORMAT: Slice = literal("format");
const JSON: Slice = literal("json");

const CONTENT_TYPE: Slice = literal("content-type");
const TEXT_TYPE: Slice = literal("text/plain; charset=utf-8");
const JSON_TYPE: Slice = literal("application/json");
const CACHE_CONTROL: Slice = literal("cache-control");
const NO_STORE: Slice = literal("no-store");

/** Why Envoy has not asked an upstream, in access logs. */
const DETAILS: Slice = literal("limpet_operator");

const OK = 200;
const BAD_REQUEST = 400;
const NOT_FOUND = 404;
const METHOD_NOT_ALLOWED = 405;

const USAGE =
  "expected GET /, GET /sessions?id=ID, DELETE /sessions?id=ID or DELETE /sessions?server=ID;" +
  " &policy=NAME and &rule=NAME choose one table of several, &format=json the format";

export class Operator {
  private views: Array<View> = [];

  constructor(policies: StaticArray<Policy>) {
    for (let i = 0; i < policies.length; i++) {
      const rules = policies[i].rules;
      for (let j = 0; j < rules.length; j++) {
        const rule = rules[j];
        if (rule instanceof LearnRule) this.views.push(new View(policies[i], rule as LearnRule));
      }
    }
  }

  /** Answers the request; it goes nowhere else. */
  answer(request: Request): void {
    request.reset();
    const method = request.header(METHOD);
    const target = request.header(PATH);
    const page = new Page(equal(parameter(target, FORMAT), JSON));
    const status = this.act(method, target, page);
    if (page.text.length == 0) page.complain(USAGE);
    const type = page.json ? JSON_TYPE : TEXT_TYPE;
    const fields = headerList([CONTENT_TYPE, type, CACHE_CONTROL, NO_STORE]);
    const body = new Text(page.text);
    localResponse(status, DETAILS, body.slice, fields);
  }

  /** The response's status; the page is empty where the request is none of ours. */
  private act(method: Slice, target: Slice, page: Page): i32 {
    const resource = resourceOf(target);
    const reads = equal(method, GET);
    if (equal(resource, ROOT)) {
      if (!reads) return METHOD_NOT_ALLOWED;
      page.tables(this.chosen(target));
      return OK;
    }
    if (!equal(resource, SESSIONS)) return NOT_FOUND;
    if (!reads && !equal(method, DELETE)) return METHOD_NOT_ALLOWED;
    const id = parameter(target, ID);
    const server = parameter(target, SERVER);
    if (id != NONE) return reads ? this.show(target, id, page) : this.forget(target, id, page);
    return reads || server == NONE ? BAD_REQUEST : this.clear(target, server, page);
  }

  private show(target: Slice, id: Slice, page: Page): i32 {
    const views = this.chosen(target);
    for (let i = 0; i < views.length; i++) {
      const table = views[i].rule.table;
      const found = table.peek(table.fingerprint(id));
      if (found === null) continue;
      const server = table.withTag(found.tag);
      page.session(views[i], found, server < 0 ? "-" : views[i].policy.servers.at(server).id.toString());
      return OK;
    }
    page.complain("no table knows this session");
    return NOT_FOUND;
  }

  private forget(target: Slice, id: Slice, page: Page): i32 {
    const views = this.chosen(target);
    let forgotten = 0;
    for (let i = 0; i < views.length; i++) {
      if (views[i].rule.forgetId(id)) forgotten++;
    }
    page.forgotten(forgotten);
    return OK;
  }

  private clear(target: Slice, id: Slice, page: Page): i32 {
    const views = this.chosen(target);
    let forgotten = 0;
    let known = false;
    for (let i = 0; i < views.length; i++) {
      const server = views[i].policy.servers.withId(id);
      if (!views[i].rule.table.knows(server)) continue;
      known = true;
      forgotten += views[i].rule.table.clear(server);
    }
    if (known) page.forgotten(forgotten);
    else page.complain("no policy has this server");
    return known ? OK : NOT_FOUND;
  }

  /** The tables that the request means: all of them, unless it names a policy or a rule. */
  private chosen(target: Slice): Array<View> {
    const policy = parameter(target, POLICY);
    const rule = parameter(target, RULE);
    const views = new Array<View>();
    for (let i = 0; i < this.views.length; i++) {
      const view = this.views[i];
      if (policy != NONE && !equal(policy, new Text(view.policy.name).slice)) continue;
      if (rule != NONE && !equal(rule, new Text(view.rule.name).slice)) continue;
      views.push(view);
    }
    return views;
  }
}

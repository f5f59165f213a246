// What the operator reads: lines of text, or the same as JSON.
import { Bucket, SLOTS } from "../learn/bucket";
import { Policy } from "../policy";
import { LearnRule } from "../rules/learn";
import { Census } from "./census";

/** A rule's table, and whose it is. */
export class View {
  constructor(
    readonly policy: Policy,
    readonly rule: LearnRule,
  ) {}
}

export class Page {
  text: string = "";

  constructor(readonly json: bool) {}

  /** All tables, each counted now. */
  tables(views: Array<View>): void {
    let text = "";
    for (let i = 0; i < views.length; i++) {
      const census = new Census(views[i].rule.table, views[i].policy.servers);
      if (this.json && i > 0) text += ",";
      text += this.json ? tableJson(views[i], census) : tableText(views[i], census);
    }
    this.text = this.json ? `{"tables":[${text}]}\n` : text;
  }

  /** A session of the view's table, and its server. */
  session(view: View, found: Bucket, server: string): void {
    const idle = view.rule.table.seconds(found.idle);
    const age = view.rule.table.seconds(found.age);
    this.text = this.json
      ? `{${names(view)},"server":${quoted(server)},"idle_seconds":${idle},"age_seconds":${age},"claimed":${found.claimed}}\n`
      : `${titles(view)} server=${server} idle=${idle}s age=${age}s${found.claimed ? " claimed" : ""}\n`;
  }

  forgotten(sessions: i32): void {
    this.text = this.json ? `{"forgotten":${sessions}}\n` : `forgotten: ${sessions}\n`;
  }

  complain(problem: string): void {
    this.text = this.json ? `{"error":${quoted(problem)}}\n` : `${problem}\n`;
  }
}

function tableText(view: View, census: Census): string {
  let text = `${titles(view)} sessions=${census.sessions} fill=${percent(view, census)}% claimed=${census.claimed}\n`;
  const servers = view.policy.servers;
  for (let i = 0; i < servers.count; i++) text += `  ${servers.at(i).id.toString()} ${census.byServer[i]}\n`;
  return census.unknown > 0 ? `${text}  (servers not known any more) ${census.unknown}\n` : text;
}

function tableJson(view: View, census: Census): string {
  let text = "";
  const servers = view.policy.servers;
  for (let i = 0; i < servers.count; i++) {
    text += `${i > 0 ? "," : ""}${quoted(servers.at(i).id.toString())}:${census.byServer[i]}`;
  }
  const slots = view.rule.table.buckets * SLOTS;
  return (
    `{${names(view)},"slots":${slots},"sessions":${census.sessions},"fill_percent":${percent(view, census)},` +
    `"claimed":${census.claimed},"servers":{${text}},"unknown_servers":${census.unknown}}`
  );
}

/** With one decimal. */
function percent(view: View, census: Census): string {
  const thousandths = (<u64>census.sessions * 1000) / (<u64>view.rule.table.buckets * SLOTS);
  return `${thousandths / 10}.${thousandths % 10}`;
}

const titles = (view: View): string => `policy=${view.policy.name} rule=${view.rule.name}`;

const names = (view: View): string => `"policy":${quoted(view.policy.name)},"rule":${quoted(view.rule.name)}`;

/** As a string of JSON (RFC 8259 §7). */
function quoted(text: string): string {
  let json = '"';
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20) json += `\\u00${code.toString(16).padStart(2, "0")}`;
    else json += code == 0x22 || code == 0x5c ? `\\${text.charAt(i)}` : text.charAt(i);
  }
  return `${json}"`;
}

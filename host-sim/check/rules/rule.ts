/** A kind of mistake that neither Envoy nor the filter nor a schema can see: each is one row of the table. */
import type { Severity } from "../finding.js";
import type { Site, Subject } from "../site.js";
import type { Spot } from "../spot.js";

export interface Rule {
  id: string;
  severity: Exclude<Severity, "note">;
  /** What goes wrong, for docs/checks.md. */
  means: string;
  /** It is of an operator's listener, to which no other rule applies. */
  ofOperator?: true;
  look(site: Site, subject: Subject): Complaint[];
}

export interface Complaint {
  at: Spot;
  message: string;
}

// The way of a request: identify, choose, hand off; and of its response: who served, remember, count.
import { reset } from "./abi/arena";
import { forgetCluster } from "./abi/cluster";
import { CONTINUE, PAUSE, continueRequest, turnTo } from "./abi/host";
import { NONE } from "./abi/slice";
import { Session, Stream, findStream } from "./abi/streams";
import { Policies } from "./policies";
import { Outcome } from "./remember/outcome";
import { Root } from "./roots";
import { Brought } from "./token/token";
import { traceAsked, traceOutcome, tracePolicy, traceRule } from "./trace";

/**
 * The request: every rule reads it, the first server proposed is asked for. A rule may have it wait for
 * an answer (PAUSE), if no rule before it has proposed anything; then it goes on here, with that rule.
 */
export function onRequest(stream: Stream, policies: Policies): i32 {
  const request = policies.request;
  const candidates = request.candidates;
  const handoff = policies.handoff;
  request.reset();
  forgetCluster();
  candidates.clear(handoff.wants);
  if (stream.waits == 0) {
    const chosen = policies.choose();
    if (chosen === null) {
      handoff.withhold();
      policies.verdict.announce(null, null, NONE);
      return CONTINUE;
    }
    stream.policy = changetype<usize>(chosen);
  }
  const policy = Policies.of(stream);
  if (isDefined(TRACE)) tracePolicy(policy);
  for (let i = max(stream.waits - 1, 0); i < policy.rules.length; i++) {
    const rule = unchecked(policy.rules[i]);
    if (candidates.full && !rule.remembers) continue;
    if (rule.concerns(request)) rule.propose(request, policy.servers, stream);
    else rule.ignore(request, policy.servers, stream);
    if (request.waits) {
      stream.waits = i + 1;
      return PAUSE;
    }
    if (stream.rule < 0 && candidates.count > 0) stream.rule = i;
    if (isDefined(TRACE)) traceRule(rule, request, policy, stream);
  }
  stream.waits = 0;
  if (candidates.count > 0) {
    stream.asked = candidates.at(0);
    handoff.ask(candidates, policy.servers);
    policy.load.move(stream, stream.asked);
  } else {
    handoff.withhold();
  }
  if (isDefined(TRACE)) traceAsked(stream, policy);
  const server = stream.asked < 0 ? NONE : policy.servers.at(stream.asked).id.slice;
  policies.verdict.announce(policy.tallyOf(stream), policy.sessionOf(stream), server);
  return CONTINUE;
}

/** The answer that a stream's request waits for has come, unless it is over by now. */
export function goOn(id: u32): void {
  reset();
  const stream = findStream(id);
  if (stream === null || stream.waits == 0 || !turnTo(id)) return;
  if (onRequest(stream, Root.of(stream).policies!) == CONTINUE) continueRequest();
}

/** The response: rules remember who served, and the outcome is counted. */
export function onResponse(stream: Stream, policies: Policies): void {
  if (stream.policy == 0) return;
  // A request that still waits gets Envoy's own answer: it does not go on.
  stream.waits = 0;
  const policy = Policies.of(stream);
  const served = policies.served;
  served.reset();
  forgetCluster();
  const server = policies.handoff.served(policy.servers, stream.asked);
  // The last host that was tried is not one that served.
  if (server == stream.asked || served.answered) served.server = server;
  policy.load.move(stream, served.server);
  for (let i = 0; i < policy.rules.length; i++) {
    const rule = unchecked(policy.rules[i]);
    if (rule.remembers) rule.remember(served, policy.servers, stream);
  }
  conclude(stream, policies, served.server);
}

/** The end of a stream; one that never had a response is counted now. */
export function onEnd(stream: Stream, policies: Policies): void {
  if (stream.policy == 0) return;
  Policies.of(stream).load.move(stream, -1);
  conclude(stream, policies, -1);
}

function conclude(stream: Stream, policies: Policies, server: i32): void {
  // A stream can have several responses (1xx): the first tells.
  if (stream.concluded) return;
  stream.concluded = true;
  const policy = Policies.of(stream);
  const tally = policy.tallyOf(stream);
  const session = policy.sessionOf(stream);
  const outcome = outcomeOf(stream.asked, server, session);
  tally.count(outcome);
  if (isDefined(TRACE)) traceOutcome(server, tally.rule.slice, tally.word(outcome), policy);
  const relocation = policy.relocation;
  if (relocation !== null && session !== null && outcome == Outcome.Moved) relocation.count(session.brought);
  policies.verdict.tell(tally, outcome, session, server < 0 ? NONE : policy.servers.at(server).id.slice);
}

function outcomeOf(asked: i32, served: i32, session: Session | null): Outcome {
  if (served < 0) return Outcome.Unserved;
  const brought = session === null ? Brought.Nothing : session.brought;
  if (brought == Brought.Drained || brought == Brought.Rebalanced) asked = session!.named;
  if (asked >= 0) return asked == served ? Outcome.Stuck : Outcome.Moved;
  if (brought == Brought.Unknown) return Outcome.Unknown;
  if (brought == Brought.Expired) return Outcome.Expired;
  return brought == Brought.Tampered ? Outcome.Tampered : Outcome.Placed;
}

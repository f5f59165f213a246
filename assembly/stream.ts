// The way of a request: identify, choose, hand off; and of its response: who served, remember, count.
import { reset } from "./abi/arena";
import { forgetCluster } from "./abi/cluster";
import { CONTINUE, PAUSE, REQUEST_HEADERS, continueRequest, replaceHeader, turnTo } from "./abi/host";
import { NONE, Text } from "./abi/slice";
import { Session, Stream, findStream } from "./abi/streams";
import { Policies } from "./policies";
import { Policy } from "./policy";
import { Course, Outcome } from "./remember/outcome";
import { Served } from "./remember/served";
import { Told } from "./remember/told";
import { Root } from "./roots";
import { Mode } from "./rules/unavailable";
import { Brought } from "./token/brought";
import { traceAsked, traceOutcome, tracePolicy, traceRule } from "./trace";

/** Envoy retries that often, whatever the route says (and not at all where it says nothing). */
const MAX_RETRIES = new Text("x-envoy-max-retries");

/**
 * The request: every rule reads it, the first server proposed is asked for. A rule may have it wait for
 * an answer (PAUSE), if no rule before it has proposed anything; then it goes on here, with that rule.
 * One that a rule refuses is answered, and goes no further (PAUSE).
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
    stream.take(changetype<usize>(chosen), chosen.remembered);
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
    if (stream.rule < 0 && (candidates.count > 0 || stream.course != Course.Straight)) stream.rule = i;
    if (isDefined(TRACE)) traceRule(rule, request, policy, stream);
    if (stream.course == Course.Refused) {
      stream.waits = 0;
      rule.unavailable.refuse();
      return PAUSE;
    }
  }
  stream.waits = 0;
  if (candidates.count > 0) {
    const rule = unchecked(policy.rules[stream.rule]);
    stream.asked = candidates.at(0);
    if (rule.unavailable.mode == Mode.Refuse) {
      candidates.keepFirst();
      replaceHeader(REQUEST_HEADERS, MAX_RETRIES.slice, rule.retries.slice);
    }
    handoff.ask(candidates, policy.servers, rule.redispatchAfter);
    policy.load.move(stream, stream.asked);
  } else {
    handoff.withhold();
  }
  if (isDefined(TRACE)) traceAsked(stream, policy);
  if (policies.verdict.announces) {
    const server = stream.asked < 0 ? NONE : policy.servers.at(stream.asked).id.slice;
    policies.verdict.announce(policy.tallyOf(stream), policy.sessionOf(stream), server);
  }
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
  if (stream.rule >= 0 && !stream.concluded) judge(stream, policy, served);
  const unpin = policy.unpin;
  if (unpin !== null && served.server >= 0) served.told = unpin.read(served, policy.servers);
  policy.load.move(stream, served.server);
  for (let i = 0; i < policy.rules.length; i++) {
    const rule = unchecked(policy.rules[i]);
    if (rule.remembers) rule.remember(served, policy.servers, stream);
  }
  conclude(stream, policies, served.server, served.told);
}

/** The end of a stream; one that never had a response is counted now. */
export function onEnd(stream: Stream, policies: Policies): void {
  if (stream.policy == 0) return;
  Policies.of(stream).load.move(stream, -1);
  conclude(stream, policies, -1, Told.Nothing);
}

/** Where a session keeps its server: learns whether the server that was asked works, and refuses where Envoy found that it does not. */
function judge(stream: Stream, policy: Policy, served: Served): void {
  const unavailable = unchecked(policy.rules[stream.rule]).unavailable;
  if (!unavailable.keeps || stream.course == Course.Refused) return;
  const answered = served.answered;
  if (!answered) served.server = -1;
  if (stream.asked >= 0) {
    const holdOff = policy.servers.at(stream.asked).holdOff;
    if (answered && served.server == stream.asked) holdOff.worked();
    else if (answered || served.failed) holdOff.failed(unavailable.hold, unavailable.longest);
  }
  if (answered || unavailable.mode != Mode.Refuse || !served.unreached) return;
  stream.course = Course.Refused;
  unavailable.turnResponse();
}

function conclude(stream: Stream, policies: Policies, server: i32, told: i32): void {
  // A stream can have several responses (1xx): the first tells.
  if (stream.concluded) return;
  stream.concluded = true;
  const policy = Policies.of(stream);
  const tally = policy.tallyOf(stream);
  const session = policy.sessionOf(stream);
  const outcome = told == Told.Nothing ? outcomeOf(stream, policy, server, session) : Outcome.Unpinned;
  tally.count(outcome);
  if (isDefined(TRACE)) traceOutcome(server, tally.rule.slice, tally.word(outcome), policy);
  const relocation = policy.relocation;
  if (relocation !== null && session !== null && outcome == Outcome.Moved) relocation.count(session.brought);
  policies.verdict.tell(tally, outcome, session, server < 0 ? NONE : policy.servers.at(server).id.slice);
}

function outcomeOf(stream: Stream, policy: Policy, served: i32, session: Session | null): Outcome {
  const course = stream.course;
  if (course == Course.Refused) return Outcome.Refused;
  if (served < 0) return Outcome.Unserved;
  if (course == Course.Detoured) return Outcome.Detoured;
  const brought = session === null ? Brought.Nothing : session.brought;
  let asked = stream.asked;
  if (brought == Brought.Drained || brought == Brought.Rebalanced) asked = session!.named;
  if (asked >= 0) {
    if (asked == served) return course == Course.Overflowed ? Outcome.Overflowed : Outcome.Stuck;
    const comesBack = asked == stream.asked && policy.rules[stream.rule].unavailable.keeps;
    return comesBack ? Outcome.Detoured : Outcome.Moved;
  }
  if (brought == Brought.Unknown) return Outcome.Unknown;
  if (brought == Brought.Expired) return Outcome.Expired;
  return brought == Brought.Tampered ? Outcome.Tampered : Outcome.Placed;
}

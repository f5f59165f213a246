/** What the check's visits prove: pure arithmetic on what the clients saw. */
import type { Visit } from "./clients.js";

/** The visits of one phase, a list for each client. */
export type Phase = Visit[][];

export interface Row {
  title: string;
  clients: number;
  requests: number;
  answered: number;
  /** Clients that ended on another server than the one they came from. */
  moved: number;
  /** Changes of server from one visit to the next. */
  moves: number;
  cookies: number;
  /** What should have been otherwise. */
  faults: string[];
}

/** What a row's clients are expected to do. */
export interface Expectation {
  /** The server before the phase, by client; a new client has none. */
  from: (string | undefined)[];
  /** "none": stay; "once": each changes its server once and stays; "any": wherever, but answered. */
  moves: "none" | "once" | "any";
  /** Set-Cookie lines expected of each client; undefined: not looked at. */
  cookiesEach?: number;
}

/** The server that each client was last answered by. */
export function lastServers(phase: Phase): (string | undefined)[] {
  return phase.map((visits) => visits.at(-1)?.server);
}

/** Adds up the visits of a group of clients, and compares them with what is expected of it. */
export function assess(title: string, phase: Phase, expectation: Expectation): Row {
  const visits = phase.flat();
  const moves = phase.map((visits, i) => countMoves(visits, expectation.from[i]));
  const cookies = phase.map((visits) => visits.reduce((sum, visit) => sum + visit.cookiesSet.length, 0));
  const answered = visits.filter((visit) => visit.status === 200).length;
  const wrong = (count: number, expected: number | undefined) => expected !== undefined && count !== expected;
  const movesEach = { none: 0, once: 1, any: undefined }[expectation.moves];
  const movedWrongly = moves.filter((count) => wrong(count, movesEach)).length;
  const cookiesWrong = cookies.filter((count) => wrong(count, expectation.cookiesEach)).length;
  const faults = [
    answered < visits.length && `${visits.length - answered} requests were not answered with 200`,
    movedWrongly > 0 && `${movedWrongly} clients did not move ${movesEach} times`,
    cookiesWrong > 0 && `${cookiesWrong} clients did not get ${expectation.cookiesEach} cookies`,
  ];
  return {
    title,
    clients: phase.length,
    requests: visits.length,
    answered,
    moved: lastServers(phase).filter((server, i) => expectation.from[i] && server !== expectation.from[i]).length,
    moves: sum(moves),
    cookies: sum(cookies),
    faults: faults.filter((fault) => fault !== false),
  };
}

function countMoves(visits: Visit[], from: string | undefined): number {
  let last = from;
  let moves = 0;
  for (const { server } of visits) {
    if (server === undefined) continue;
    if (last !== undefined && server !== last) moves++;
    last = server;
  }
  return moves;
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

// The page of the file that runs.
import { act, bar, byId, cell, clientButtons, clientsInWords, keepAsking, percent, setBar } from "./parts.js";

const SHOWN = 16;
/** What can be done with a server in each state: label and action. */
const ACTIONS = {
  up: [
    ["Kill", "kill"],
    ["Pause", "pause"],
    ["Drain", "drain"],
    ["Remove", "remove"],
  ],
  draining: [
    ["Kill", "kill"],
    ["Pause", "pause"],
    ["Undrain", "undrain"],
    ["Remove", "remove"],
  ],
  unhealthy: [
    ["Kill", "kill"],
    ["Pause", "pause"],
    ["Drain", "drain"],
    ["Remove", "remove"],
  ],
  killed: [
    ["Bring back", "revive"],
    ["Remove", "remove"],
  ],
  paused: [
    ["Resume", "resume"],
    ["Kill", "kill"],
    ["Remove", "remove"],
  ],
};
const rows = new Map();
let newest = 0;

/** A server's row is made once and changed, so that the keyboard's focus stays where it is. */
function makeRow(server) {
  const row = byId("servers").insertRow();
  row.dataset.server = server.id;
  const name = document.createElement("th");
  name.scope = "row";
  name.textContent = server.id;
  name.title = server.address;
  row.append(name);
  const state = document.createElement("span");
  state.className = "state";
  cell(row, "").append(state);
  const numbers = [1, 2, 3, 4, 5].map(() => cell(row, "", "number"));
  const share = cell(row, "");
  const picture = bar();
  const words = document.createElement("span");
  const fair = document.createElement("span");
  fair.className = "fair";
  share.append(picture, " ", words, fair);
  const buttons = cell(row, "");
  return { row, state, numbers, picture, words, fair, buttons };
}

function showButtons(server, row) {
  const hadFocus = row.buttons.contains(document.activeElement);
  const possible = ACTIONS[server.status].filter(([, action]) => server.ours || !/kill|pause/.test(action));
  row.buttons.replaceChildren(
    ...possible.flatMap(([label, action]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.setAttribute("aria-label", `${label} ${server.id}`);
      button.addEventListener("click", async () => {
        await act(action, { server: server.address });
        await ask();
      });
      return [button, " "];
    }),
  );
  if (hadFocus) row.buttons.querySelector("button")?.focus();
}

function showServer(server) {
  let row = rows.get(server.address);
  if (row === undefined) {
    row = makeRow(server);
    rows.set(server.address, row);
  }
  if (row.state.dataset.state !== server.status) {
    row.state.dataset.state = server.status;
    row.state.textContent = server.status;
    showButtons(server, row);
  }
  const { sessions, came, left, inFlight, requests } = server;
  [sessions, came, left, inFlight, requests].forEach((value, i) => {
    row.numbers[i].textContent = value;
  });
  row.words.textContent = percent(server.share);
  row.fair.textContent = ` of ${percent(server.fairShare)}`;
  setBar(row.picture, server.share, server.fairShare);
}

function showDecisions(decisions) {
  const body = byId("decisions");
  for (const { number, time, outcome, rule, server, request, status } of decisions) {
    newest = number;
    const row = body.insertRow(0);
    for (const text of [new Date(time).toLocaleTimeString(), outcome, rule, server, request, status]) cell(row, text);
  }
  while (body.rows.length > SHOWN) body.deleteRow(-1);
}

function showRules(rules) {
  const total = rules.reduce((sum, { count }) => sum + count, 0);
  const body = byId("rules");
  body.replaceChildren();
  for (const { rule, outcome, count } of rules) {
    const row = body.insertRow();
    cell(row, rule);
    cell(row, outcome);
    cell(row, count, "number");
    cell(row, percent(count / total), "number");
  }
}

/** Rows of servers that are gone go; where the focus was on one, it goes to what adds one. */
function dropServers(servers) {
  for (const [address, { row }] of rows) {
    if (servers.some((server) => server.address === address)) continue;
    if (row.contains(document.activeElement)) byId("add").focus();
    row.remove();
    rows.delete(address);
  }
}

async function ask() {
  const state = await (await fetch(`/limpet/state?after=${newest}`)).json();
  dropServers(state.servers);
  state.servers.forEach(showServer);
  // Two answers may overlap.
  showDecisions(state.decisions.filter(({ number }) => number > newest));
  showRules(state.rules);
  const failed = state.failed > 0 ? ` Requests that failed: ${state.failed}.` : "";
  byId("clients").textContent = `${clientsInWords(state.clients)}.${failed}`;
}

clientButtons("", ask);
byId("add").addEventListener("click", async () => {
  await act("add");
  await ask();
});
await keepAsking(ask);

// The page's only script: asks for the state twice a second, and posts what the buttons say. Texts
// from the network only ever become text nodes.
const ASK_MS = 500;
const SHOWN = 25;
const KINDS = { own: "with cookies", nat: "behind a NAT with cookies", bare: "behind a NAT without", mobile: "mobile" };
/** What can be done with a server in each state: label and action. */
const ACTIONS = {
  up: [
    ["Kill", "kill"],
    ["Pause", "pause"],
    ["Drain", "drain"],
  ],
  draining: [
    ["Kill", "kill"],
    ["Pause", "pause"],
    ["Undrain", "undrain"],
  ],
  unhealthy: [
    ["Kill", "kill"],
    ["Pause", "pause"],
    ["Drain", "drain"],
  ],
  killed: [["Bring back", "revive"]],
  paused: [
    ["Resume", "resume"],
    ["Kill", "kill"],
  ],
};
const byId = (id) => document.getElementById(id);
const percent = (part) => `${(part * 100).toFixed(1)} %`;
const rows = new Map();
let newest = 0;

function cell(row, text, className = "") {
  const td = row.insertCell();
  td.textContent = text;
  td.className = className;
  return td;
}

/** Posts an action and says how it went; the only announcements that a screen reader hears. */
async function act(action, parameters, done) {
  const response = await fetch(`/limpet/${action}?${new URLSearchParams(parameters)}`, { method: "POST" });
  byId("said").textContent = response.ok ? done : await response.text();
  await ask();
}

function bar() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 100 10");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  for (const [name, width] of [
    ["ground", 100],
    ["bar", 0],
    ["mark", 1],
  ]) {
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    rect.setAttribute("class", name);
    rect.setAttribute("width", width);
    rect.setAttribute("height", 10);
    svg.append(rect);
  }
  return svg;
}

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
  return { state, numbers, picture, words, fair, buttons };
}

function showButtons(server, row) {
  const hadFocus = row.buttons.contains(document.activeElement);
  const possible = ACTIONS[server.status].filter(([, action]) => server.ours || action.endsWith("drain"));
  row.buttons.replaceChildren(
    ...possible.flatMap(([label, action]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.setAttribute("aria-label", `${label} ${server.id}`);
      button.addEventListener("click", () => act(action, { server: server.address }, `${label} ${server.id}: done.`));
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
  const [, filled, mark] = row.picture.children;
  filled.setAttribute("width", server.share * 100);
  mark.setAttribute("x", server.fairShare * 100 - 0.5);
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

function showClients(clients, failed) {
  const parts = Object.entries(clients).filter(([, count]) => count > 0);
  const text = parts.map(([kind, count]) => `${count} ${KINDS[kind]}`).join(", ") || "None yet";
  byId("clients").textContent = `${text}.${failed > 0 ? ` Requests that failed: ${failed}.` : ""}`;
}

async function ask() {
  const state = await (await fetch(`/limpet/state?after=${newest}`)).json();
  state.servers.forEach(showServer);
  // Two answers may overlap.
  showDecisions(state.decisions.filter(({ number }) => number > newest));
  showRules(state.rules);
  showClients(state.clients, state.failed);
}

for (const button of document.querySelectorAll("[data-kind]")) {
  const { kind } = button.dataset;
  button.addEventListener("click", () => {
    const count = byId("count").value;
    act("clients", { kind, count }, `Started ${count} clients ${button.textContent}.`);
  });
}
byId("no-clients").addEventListener("click", () => act("no-clients", {}, "Stopped all clients."));

for (;;) {
  if (!document.hidden) {
    await ask().catch(() => {
      byId("said").textContent = "The simulator does not answer; is it still running?";
    });
  }
  await new Promise((resolve) => setTimeout(resolve, ASK_MS));
}

// The page that compares ways of persistence.
import { act, bar, byId, cell, clientButtons, clientsInWords, element, keepAsking, setBar } from "./parts.js";

/** What can be done with a server in each state. */
const ACTIONS = {
  up: ["Kill", "Drain", "Remove"],
  unhealthy: ["Kill", "Drain", "Remove"],
  draining: ["Kill", "Undrain", "Remove"],
  killed: ["Bring back", "Remove"],
};
/** Of each method; on a narrow screen they stand beside the numbers. */
const FIGURES = ["Fullest", "Moved", "Needlessly", "Errors"];
const ways = new Map();
const servers = new Map();

/** A method's row is made once and changed. */
function makeWay({ title, file }) {
  const row = byId("ways").insertRow();
  row.dataset.way = title;
  const name = document.createElement("th");
  name.scope = "row";
  name.append(title, element("span", "file", title.startsWith("No ") ? "Envoy alone" : file));
  row.append(name);
  const shares = cell(row, "", "shares");
  const numbers = FIGURES.map((figure) => {
    const number = cell(row, "", "number");
    number.dataset.figure = figure;
    return number;
  });
  return { shares, numbers, bars: new Map() };
}

function showWay(way) {
  let row = ways.get(way.title);
  if (row === undefined) {
    row = makeWay(way);
    ways.set(way.title, row);
  }
  const ids = way.servers.map(({ id }) => id);
  for (const [id, { box }] of row.bars) {
    if (ids.includes(id)) continue;
    box.remove();
    row.bars.delete(id);
  }
  for (const { id, sessions, share, fairShare } of way.servers) {
    let one = row.bars.get(id);
    if (one === undefined) {
      one = { box: element("span", "one"), picture: bar(), count: element("span", "count") };
      one.box.append(`${id} `, one.picture, one.count);
      row.shares.append(one.box);
      row.bars.set(id, one);
    }
    setBar(one.picture, share, fairShare);
    one.count.textContent = sessions;
  }
  [way.fullest.toFixed(2), way.moved, way.needless, way.failed].forEach((value, i) => {
    row.numbers[i].textContent = value;
  });
}

function showServer({ id, status }) {
  let item = servers.get(id);
  if (item === undefined) {
    const state = element("span", "state");
    const buttons = element("span", "buttons");
    const row = document.createElement("li");
    row.dataset.server = id;
    row.append(element("strong", "", id), state, buttons);
    byId("servers").append(row);
    item = { row, state, buttons };
    servers.set(id, item);
  }
  if (item.state.dataset.state === status) return;
  item.state.dataset.state = status;
  item.state.textContent = status;
  const hadFocus = item.buttons.contains(document.activeElement);
  const made = (ACTIONS[status] ?? []).map((label) => {
    const button = element("button", "", label);
    button.type = "button";
    button.setAttribute("aria-label", `${label} ${id}`);
    const action = label === "Bring back" ? "revive" : label.toLowerCase();
    button.addEventListener("click", () => then(act(`compare/${action}`, { server: id })));
    return button;
  });
  item.buttons.replaceChildren(...made);
  if (hadFocus) made[0]?.focus();
}

async function then(acting) {
  await acting;
  await ask();
}

async function ask() {
  const state = await (await fetch("/limpet/compare/state")).json();
  byId("run").textContent = state.running ? "Stop" : "Start";
  for (const button of document.querySelectorAll("[data-kind], #no-clients, #add")) button.disabled = !state.running;
  byId("since").textContent = state.since;
  byId("clients").textContent = `${clientsInWords(state.clients)}.`;
  if (!state.running) {
    for (const [map, place] of [
      [ways, "ways"],
      [servers, "servers"],
    ]) {
      map.clear();
      byId(place).replaceChildren();
    }
    return;
  }
  state.ways.forEach(showWay);
  const all = state.ways[0].servers;
  for (const [id, { row }] of servers) {
    if (all.some((server) => server.id === id)) continue;
    if (row.contains(document.activeElement)) byId("add").focus();
    row.remove();
    servers.delete(id);
  }
  all.forEach(showServer);
}

clientButtons("compare/", ask);
byId("add").addEventListener("click", () => then(act("compare/add")));
byId("run").addEventListener("click", () => {
  const stopping = byId("run").textContent === "Stop";
  then(act(stopping ? "compare/stop" : "compare/start", {}, stopping ? "Stopped." : "All methods run; start clients."));
});
await keepAsking(ask);

// What both pages do: they ask for their state twice a second, and post what the buttons say. Texts from
// the network only ever become text nodes.
const ASK_MS = 500;
const KINDS = { own: "with cookies", nat: "behind a NAT with cookies", bare: "behind a NAT without", mobile: "mobile" };

export const byId = (id) => document.getElementById(id);
export const percent = (part) => `${(part * 100).toFixed(1)} %`;

export function cell(row, text, className = "") {
  const td = row.insertCell();
  td.textContent = text;
  td.className = className;
  return td;
}

export function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

/** Says something; the only announcements that a screen reader hears. */
export function say(text) {
  byId("said").textContent = text;
}

/** Posts an action, and says how it went: in these words, or in the answer's. */
export async function act(action, parameters = {}, done = "") {
  const response = await fetch(`/limpet/${action}?${new URLSearchParams(parameters)}`, { method: "POST" });
  const answer = await response.text();
  say(response.ok && done ? done : answer);
}

/** A bar with a mark: a share, and the fair one. */
export function bar() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 100 10");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  for (const [name, width] of [
    ["ground", 100],
    ["bar", 0],
    ["mark", 1.5],
  ]) {
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    rect.setAttribute("class", name);
    rect.setAttribute("width", width);
    rect.setAttribute("height", 10);
    svg.append(rect);
  }
  return svg;
}

export function setBar(svg, share, fairShare) {
  const [, filled, mark] = svg.children;
  filled.setAttribute("width", share * 100);
  mark.setAttribute("x", Math.min(98.5, Math.max(0, fairShare * 100 - 0.75)));
}

/** The buttons that start and stop clients; `prefix` is where their actions are. */
export function clientButtons(prefix, ask) {
  for (const button of document.querySelectorAll("[data-kind]")) {
    const { kind } = button.dataset;
    button.addEventListener("click", async () => {
      const count = byId("count").value;
      await act(`${prefix}clients`, { kind, count }, `Started ${count} clients ${button.textContent}.`);
      await ask();
    });
  }
  byId("no-clients").addEventListener("click", async () => {
    await act(`${prefix}no-clients`, {}, "Stopped all clients.");
    await ask();
  });
}

export function clientsInWords(clients) {
  const parts = Object.entries(clients).filter(([, count]) => count > 0);
  return parts.map(([kind, count]) => `${count} ${KINDS[kind]}`).join(", ") || "None yet";
}

/** Asks again and again while the page is seen. */
export async function keepAsking(ask) {
  for (;;) {
    if (!document.hidden) {
      await ask().catch(() => say("The simulator does not answer; is it still running?"));
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_MS));
  }
}

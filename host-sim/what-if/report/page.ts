/** The report's looks, dark and light as the reader's system is. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --text: #1b1b1b; --back: #fff; --line: #c8c8c8; --soft: #f3f3f3; }
@media (prefers-color-scheme: dark) { :root { --text: #ececec; --back: #17191c; --line: #44484d; --soft: #22262a; } }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 1.5rem; }
h1 { line-height: 1.2; }
h2 { margin-top: 2.5rem; }
.wide { overflow: auto; max-height: 32rem; }
.wide table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
.wide th, .wide td { padding: .35rem .7rem; border-bottom: 1px solid var(--line); text-align: right; white-space: pre; vertical-align: top; }
.wide th:first-child { position: sticky; left: 0; background: var(--back); text-align: left; white-space: normal; min-width: 6rem; }
.wide thead th, .wide thead th:first-child { position: sticky; top: 0; background: var(--soft); white-space: normal; vertical-align: bottom; }
.wide thead th:first-child { z-index: 1; }
.plot { margin: 1rem 0; }
.plot .u-marker { width: 2rem; height: .25rem; border-radius: 0; }
.plot .u-legend { text-align: left; }
.plot .u-legend th, .plot .u-legend td { padding: 0 .2rem; }
`;

/** More servers than these are drawn as the busiest, the middle and the idlest. */
export const MOST_LINES = 12;

/** Draws the plots; lines differ in their dashes too, not in colour alone, and so do their legends. */
export const PAGE_SCRIPT = `"use strict";
const figures = JSON.parse(document.getElementById("figures").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");
const COLOURS = { light: ["#0b5cad", "#b3261e", "#1b7f3b", "#8a4fbf", "#9a6700", "#00767a"], dark: ["#7ab7ff", "#ff9a8f", "#6fd08c", "#cfa3ff", "#f0c14b", "#5fd4d8"] };
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [4, 4], [14, 4]];
const colour = (index) => COLOURS[dark.matches ? "dark" : "light"][index % 6];
const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);
const stretches = figures.policies[0].series.length;
const duration = figures.duration_seconds;
const [unit, seconds] = duration <= 180 ? ["seconds", 1] : duration <= 10800 ? ["minutes", 60] : ["hours", 3600];
const times = Array.from({ length: stretches }, (_, i) => ((i + 0.5) * duration) / stretches / seconds);
const percent = (part) => (part * 100).toFixed(1) + " %";
let plots = [];

function legendOf(index) {
  const dashes = DASHES[index % 6];
  let at = 0;
  const stops = dashes.map((length, i) => (i % 2 ? "transparent " : colour(index) + " ") + at + "px " + (at += length) + "px");
  return stops.length === 0 ? colour(index) : "repeating-linear-gradient(90deg, " + stops.join(", ") + ")";
}

function axis(label, more) {
  return { label, stroke: style("--text"), grid: { stroke: style("--line"), width: 0.5 }, ticks: { stroke: style("--line") }, ...more };
}

/** The changes of the table, by their numbers. */
function markChanges(plot) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = style("--text");
  ctx.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.font = 12 * devicePixelRatio + "px system-ui, sans-serif";
  ctx.textAlign = "left";
  ctx.textBaseline = "top";
  let labelled = -Infinity;
  figures.policies[0].phases.forEach((phase, index) => {
    if (index === 0) return;
    const x = plot.valToPos(phase.from_seconds / seconds, "x", true);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    // Where changes are close together, not each has room for its number.
    if (x - labelled < 24 * devicePixelRatio) return;
    labelled = x;
    ctx.fillText(String(index), x + 3 * devicePixelRatio, bbox.top);
  });
  ctx.restore();
}

function draw(at, options, data) {
  const width = Math.min(at.clientWidth || 900, 1080);
  const series = options.names.map((label, index) => ({ label, stroke: colour(index), dash: DASHES[index % 6], width: 2, points: { show: false }, value: (_, v) => (v == null ? "" : options.tell(v)), ...options.series?.(index) }));
  const legend = { markers: { width: 0, fill: (_, i) => (options.series ? colour(i - 1) : legendOf(i - 1)) } };
  plots.push(new uPlot({ width, height: 280, scales: options.scales, axes: options.axes, series: [options.x, ...series], legend, hooks: options.hooks ?? {} }, data, at));
}

function drawOverTime(at, label, names, tell, range, lines) {
  const axes = [axis(unit), axis(label, { values: (_, ticks) => ticks.map((tick) => tell(tick).replace(".0 ", " ")), size: 64 })];
  const scales = { x: { time: false, range: [0, duration / seconds] }, y: { range: (_, __, most) => range(most) } };
  const x = { label: unit, value: (_, v) => (v == null ? "" : v.toFixed(1)) };
  draw(at, { names, tell, axes, scales, x, hooks: { draw: [markChanges] } }, [times, ...lines]);
}

function fair(policy, stretch) {
  const at = ((stretch + 0.5) * duration) / stretches;
  return policy.phases.find((phase) => phase.from_seconds <= at && at < phase.to_seconds);
}

function peaks(policy) {
  return policy.series.map((counts, stretch) => {
    const sum = counts.reduce((a, b) => a + b, 0);
    const phase = fair(policy, stretch);
    if (sum === 0 || phase === undefined) return null;
    return Math.max(...counts.map((count, server) => (phase.fair_share[server] > 0 ? count / sum / phase.fair_share[server] : 0)));
  });
}

/** One line a server, or three of many. */
function shares({ series }) {
  const parts = series.map((counts) => {
    const sum = counts.reduce((a, b) => a + b, 0);
    return counts.map((count) => (sum === 0 ? null : count / sum));
  });
  if (figures.servers.length <= ${MOST_LINES}) return figures.servers.map((_, server) => parts.map((of) => of[server]));
  const sorted = parts.map((of) => [...of].sort((a, b) => b - a));
  return [0, figures.servers.length >> 1, figures.servers.length - 1].map((place) => sorted.map((of) => of[place]));
}

/** Bars in groups, a change each. */
function drawMoves(at, names) {
  const policies = figures.policies.length;
  const changes = figures.policies[0].phases.length - 1;
  const places = [];
  const columns = figures.policies.map(() => []);
  for (let change = 0; change < changes; change++) {
    for (let policy = 0; policy < policies; policy++) {
      places.push(change * (policies + 1) + policy);
      columns.forEach((column, other) => column.push(other === policy ? figures.policies[policy].phases[change + 1].moved : null));
    }
  }
  const middles = Array.from({ length: changes }, (_, change) => change * (policies + 1) + (policies - 1) / 2);
  const x = axis("change, by its number in the table", { splits: () => middles, values: () => middles.map((_, change) => String(change + 1)), grid: { show: false } });
  const y = axis("sessions that moved", { values: (_, ticks) => ticks.map((tick) => (tick * 100).toFixed(0) + " %"), size: 64 });
  const end = changes * (policies + 1) - 1;
  const scales = { x: { time: false, range: [-0.7, end - 0.3] }, y: { range: (_, __, most) => [0, Math.max(most * 1.1, 0.05)] } };
  const series = (index) => ({ fill: colour(index), dash: [], paths: uPlot.paths.bars({ size: [0.8, 60] }) });
  draw(at, { names, tell: percent, axes: [x, y], scales, x: { label: "change", value: (_, v) => (v == null ? "" : String(Math.floor(v / (policies + 1)) + 1)) }, series }, [places, ...columns]);
}

function show() {
  for (const plot of plots) plot.destroy();
  plots = [];
  const names = figures.policies.map(({ name }) => name);
  const peak = (value) => value.toFixed(2);
  drawOverTime(document.getElementById("peak"), "times the fair share", names, peak, (most) => [1, Math.max(most * 1.05, 1.2)], figures.policies.map(peaks));
  const moved = document.getElementById("moved");
  if (moved !== null) drawMoves(moved, names);
  const servers = figures.servers.length <= ${MOST_LINES} ? figures.servers : ["busiest", "middle", "idlest"];
  for (const at of document.querySelectorAll(".share")) {
    drawOverTime(at, "share of the requests", servers, percent, (most) => [0, most * 1.1], shares(figures.policies[Number(at.dataset.policy)]));
  }
}
show();
dark.addEventListener("change", show);
let width = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === width) return;
  width = innerWidth;
  show();
});
`;

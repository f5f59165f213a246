/** The report's looks, dark and light as the reader's system is. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --text: #1b1b1b; --back: #fff; --line: #c8c8c8; --soft: #f3f3f3; }
@media (prefers-color-scheme: dark) { :root { --text: #ececec; --back: #17191c; --line: #44484d; --soft: #22262a; } }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 1.5rem; }
h1 { line-height: 1.2; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .7rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child { text-align: left; }
thead th { background: var(--soft); white-space: normal; vertical-align: bottom; }
.plot { margin: 1rem 0; }
.u-legend { text-align: left; }
`;

/** Draws the plots; lines differ in their dashes too, not in colour alone. */
export const PAGE_SCRIPT = `"use strict";
const figures = JSON.parse(document.getElementById("figures").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");
const COLOURS = { light: ["#0b5cad", "#b3261e", "#1b7f3b", "#8a4fbf", "#9a6700", "#00767a"], dark: ["#7ab7ff", "#ff9a8f", "#6fd08c", "#cfa3ff", "#f0c14b", "#5fd4d8"] };
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [4, 4], [14, 4]];
const colour = (index) => COLOURS[dark.matches ? "dark" : "light"][index % 6];
const dash = (index) => DASHES[index % 6];
const stretches = figures.policies[0].series.length;
const minutes = Array.from({ length: stretches }, (_, i) => ((i + 0.5) * figures.duration_seconds) / stretches / 60);
let plots = [];

function axes(labels) {
  const text = getComputedStyle(document.documentElement).getPropertyValue("--text");
  const line = getComputedStyle(document.documentElement).getPropertyValue("--line");
  return labels.map((label) => ({ label, stroke: text, grid: { stroke: line, width: 0.5 }, ticks: { stroke: line } }));
}

function draw(at, labels, names, data, options) {
  const series = names.map((label, index) => ({ label, stroke: colour(index), dash: dash(index), width: 2, points: { show: false }, value: (_, v) => (v == null ? "" : v.toFixed(3)) }));
  const width = Math.min(at.clientWidth || 900, 1080);
  plots.push(new uPlot({ width, height: 300, scales: { x: { time: false } }, axes: axes(labels), series: [{ label: labels[0] }, ...series], ...options }, data, at));
}

function fair(policy, stretch) {
  const at = ((stretch + 0.5) * figures.duration_seconds) / stretches;
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

function show() {
  for (const plot of plots) plot.destroy();
  plots = [];
  const names = figures.policies.map(({ name }) => name);
  draw(document.getElementById("peak"), ["minutes", "peak to mean"], names, [minutes, ...figures.policies.map(peaks)]);
  const moved = document.getElementById("moved");
  if (moved !== null) {
    const phases = figures.policies[0].phases.slice(1);
    const bars = figures.policies.map((policy) => policy.phases.slice(1).map((phase) => phase.moved));
    const places = [];
    const columns = bars.map(() => []);
    for (let phase = 0; phase < phases.length; phase++) {
      for (let policy = 0; policy < bars.length; policy++) {
        places.push(phase * (bars.length + 1) + policy);
        for (let other = 0; other < bars.length; other++) columns[other].push(other === policy ? bars[policy][phase] : null);
      }
    }
    const series = names.map((label, index) => ({ label, stroke: colour(index), fill: colour(index), paths: uPlot.paths.bars({ size: [0.8, 60] }), points: { show: false }, value: (_, v) => (v == null ? "" : (v * 100).toFixed(1) + " %") }));
    const [x, y] = axes(["", "part of the sessions"]);
    x.splits = () => phases.map((_, phase) => phase * (bars.length + 1) + (bars.length - 1) / 2);
    x.values = () => phases.map((_, phase) => String(phase + 1) + ".");
    x.grid = { show: false };
    const width = Math.min(moved.clientWidth || 900, 1080);
    const end = phases.length * (bars.length + 1) - 1;
    plots.push(new uPlot({ width, height: 260, scales: { x: { time: false, range: [-0.7, end - 0.3] }, y: { range: (_, __, max) => [0, Math.max(max * 1.1, 0.01)] } }, axes: [x, y], series: [{ label: "change" }, ...series] }, [places, ...columns], moved));
  }
  for (const at of document.querySelectorAll(".share")) {
    const { series } = figures.policies[Number(at.dataset.policy)];
    const parts = figures.servers.map((_, server) => series.map((counts) => {
      const sum = counts.reduce((a, b) => a + b, 0);
      return sum === 0 ? null : counts[server] / sum;
    }));
    draw(at, ["minutes", "share"], figures.servers, [minutes, ...parts]);
  }
}
show();
dark.addEventListener("change", show);
`;

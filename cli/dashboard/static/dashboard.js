/* What pages need a script for: charts (uPlot), updates that can be held, and to say when the dashboard is silent. */
"use strict";

const PALETTE = ["--link", "--good", "--warn", "--bad", "--muted"];
const HEIGHT = 220;

/* Moments in the zone of the rest of the page, which need not be the browser's, and in the form of the rest of the page. */
const inZone = (seconds) => uPlot.tzDate(new Date((seconds + Number(document.body.dataset.utcOffset)) * 1000), "Etc/UTC");
const TIMES = [
  [86400, "{YYYY}-{MM}-{DD}", null, null, null, null, null, null, 1],
  [60, "{HH}:{mm}", "\n{YYYY}-{MM}-{DD}", null, "\n{YYYY}-{MM}-{DD}", null, null, null, 1],
  [1, "{HH}:{mm}:{ss}", "\n{YYYY}-{MM}-{DD}", null, "\n{YYYY}-{MM}-{DD}", null, null, null, 1],
];

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/* Draws the charts of a part of the page, from the facts that templates/parts.html has put beside them. */
function draw(part) {
  for (const plot of part.querySelectorAll(".plot[data-chart]")) {
    const { at, lines, unit } = JSON.parse(plot.dataset.chart);
    const axis = { stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
    const series = lines.map((line, number) => ({
      label: line.name,
      stroke: colour(PALETTE[number % PALETTE.length]),
      width: 2,
      points: { show: false },
      spanGaps: false,
    }));
    const options = {
      tzDate: inZone,
      width: plot.clientWidth,
      height: HEIGHT - (lines.length > 1 ? 32 : 0),
      cursor: { drag: { setScale: false } },
      legend: { show: lines.length > 1, live: false },
      scales: { y: { range: (_, low, high) => [Math.min(0, low), Math.max(1, high * 1.1)] } },
      axes: [{ ...axis, values: TIMES }, { ...axis, label: unit, labelSize: 20, size: 50 }],
      series: [{}, ...series],
    };
    plot.replaceChildren();
    new uPlot(options, [at, ...lines.map((line) => line.values)], plot);
  }
}

const isHeld = () => document.querySelector("#hold")?.getAttribute("aria-pressed") === "true";

document.addEventListener("DOMContentLoaded", () => draw(document));
document.addEventListener("htmx:load", (event) => draw(event.detail.elt));
for (const change of [matchMedia("(prefers-color-scheme: dark)"), matchMedia("(max-width: 40rem)")]) {
  change.addEventListener("change", () => draw(document));
}
addEventListener("resize", () => draw(document));

/* A button with the id "hold" holds what updates by itself. */
document.addEventListener("click", (event) => {
  const hold = event.target.closest("#hold");
  if (hold) hold.setAttribute("aria-pressed", String(!isHeld()));
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.getAttribute("hx-trigger")?.startsWith("every") && isHeld()) event.preventDefault();
});

const silence = (is) => { document.querySelector("#silence").hidden = !is; };
document.addEventListener("htmx:sendError", () => silence(true));
document.addEventListener("htmx:timeout", () => silence(true));
document.addEventListener("htmx:responseError", () => silence(true));
document.addEventListener("htmx:afterSwap", () => silence(false));

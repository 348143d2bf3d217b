/* Draws where headlines stood over time: a step line each, place 1 on top; the table beside it has the same in words. */
"use strict";

const DASHES = [[], [8, 4], [2, 3]];
const COLOURS = 8;

const inkOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/* From stands, each a row of [seconds, place] with an end, to one row of values for all moments, which uPlot asks for. */
function aligned(lines) {
  const moments = new Set();
  for (const line of lines) for (const stand of line.stands) {
    for (const [at] of stand.places) moments.add(at);
    moments.add(stand.end);
  }
  const at = [...moments].sort((a, b) => a - b);
  const values = lines.map((line) => {
    const row = new Array(at.length).fill(null);
    for (const stand of line.stands) {
      let place = 0;
      for (let i = at.indexOf(stand.places[0][0]); i < at.length && at[i] <= stand.end; i++) {
        while (place + 1 < stand.places.length && stand.places[place + 1][0] <= at[i]) place++;
        row[i] = stand.places[place][1];
      }
    }
    return row;
  });
  return [at, ...values];
}

function drawPlaces(plot) {
  const { lines, since, until, top, ahead } = JSON.parse(plot.dataset.places);
  const rows = [...document.querySelectorAll("tr[data-line]")];
  const told = document.querySelector(".told");
  const usual = told.textContent;
  const axis = { stroke: inkOf("--muted"), grid: { stroke: inkOf("--line"), width: 1 }, ticks: { show: false } };
  const tell = (number) => {
    rows.forEach((row) => row.classList.toggle("near", Number(row.dataset.line) === number));
    told.textContent = number === null ? usual : lines[number].name;
  };
  // Moments in the zone of the dashboard, like those of the page; of a whole day, its date.
  const clock = (_, moments) => moments.map((at) => {
    const [day, time] = new Date((at + ahead) * 1000).toISOString().split("T");
    return time.startsWith("00:00") ? day.slice(5) : time.slice(0, 5);
  });
  const options = {
    tzDate: (at) => uPlot.tzDate(new Date((at + ahead) * 1000), "Etc/UTC"),
    width: plot.clientWidth,
    height: plot.clientHeight,
    cursor: { drag: { setScale: false }, focus: { prox: 24 }, y: false },
    focus: { alpha: 0.2 },
    legend: { show: false },
    scales: { x: { range: [since, until] }, y: { dir: -1, range: [0.5, top + 0.5] } },
    axes: [{ ...axis, values: clock }, { ...axis, size: 36, incrs: [1, 2, 5, 10, 20], values: (_, places) => places.map((place) => place || "") }],
    series: [{}, ...lines.map((line, number) => ({
      label: line.name,
      stroke: inkOf(`--line${number % COLOURS}`),
      dash: DASHES[Math.floor(number / COLOURS) % DASHES.length],
      width: 2.5,
      points: { show: (_, series, from, to) => to - from < 2, size: 7 },
      paths: uPlot.paths.stepped({ align: 1 }),
      spanGaps: false,
    }))],
    hooks: { setSeries: [(_, index, how) => { if (how.focus !== undefined) tell(index ? index - 1 : null); }] },
  };
  plot.replaceChildren();
  const chart = new uPlot(options, aligned(lines), plot);
  const near = (event) => {
    const row = event.target.closest("tr[data-line]");
    if (row) chart.setSeries(Number(row.dataset.line) + 1, { focus: true }, true);
  };
  const away = () => { chart.setSeries(null, { focus: true }, true); tell(null); };
  for (const row of rows) {
    row.onmouseenter = near;
    row.onfocus = near;
    row.onmouseleave = away;
    row.onblur = away;
  }
}

const drawAllPlaces = () => document.querySelectorAll("[data-places]").forEach(drawPlaces);
document.addEventListener("DOMContentLoaded", drawAllPlaces);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAllPlaces);
addEventListener("resize", drawAllPlaces);

/* Draws where headlines stood over time: a bar at each of its places, place 1 on top; the table beside it has the same in words.
   What it shares with other charts (colour, inZone, TIMES) is in dashboard.js, which is loaded before it. */
"use strict";

const DASHES = [[], [10, 4], [3, 3]];
const COLOURS = 8;

/* From stands, each a row of [seconds, place] with an end, to one row of values for all moments, which uPlot asks for. */
function aligned(lines) {
  const moments = new Set();
  for (const line of lines) for (const stand of line.stands) {
    for (const [at] of stand.places) moments.add(at);
    moments.add(stand.end).add(stand.end + 0.001); // after which it stands nowhere
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

/* Each stay at a place with its ends, in pixels of the canvas; a stay of one visit is as wide as it has to be to be seen. */
function* stays(chart, number) {
  const [moments, places] = [chart.data[0], chart.data[number]];
  for (let i = 0, from = 0; i < moments.length; i++) {
    if (places[i] === null) { from = i + 1; continue; }
    const isLast = i + 1 === moments.length || places[i + 1] === null;
    if (!isLast && places[i + 1] === places[i]) continue;
    const x = (at) => chart.valToPos(at, "x", true);
    const y = (place) => chart.valToPos(place, "y", true);
    const start = x(moments[from]);
    const end = Math.max(start + 3, x(moments[isLast ? i : i + 1]));
    yield { start, end, y: y(places[i]), next: isLast ? null : y(places[i + 1]) };
    from = i + 1;
  }
}

function bars(chart, number) {
  const stroke = new Path2D();
  for (const stay of stays(chart, number)) {
    stroke.moveTo(stay.start, stay.y);
    stroke.lineTo(stay.end, stay.y);
  }
  return { stroke };
}

/* Thin lines from each place to the next one. */
function drawMoves(chart, number) {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.globalAlpha = chart.series[number].alpha;
  ctx.strokeStyle = chart.series[number].stroke();
  ctx.lineWidth = 1;
  ctx.setLineDash([]);
  ctx.beginPath();
  for (const stay of stays(chart, number)) {
    if (stay.next === null) continue;
    ctx.moveTo(stay.end, stay.y);
    ctx.lineTo(stay.end, stay.next);
  }
  ctx.stroke();
  ctx.restore();
}

function drawPlaces(plot) {
  const { lines, since, until, top } = JSON.parse(plot.dataset.places);
  const rows = [...document.querySelectorAll("tr[data-line]")];
  const told = document.querySelector(".told");
  const usual = told.textContent;
  const axis = { stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  const tell = (number) => {
    rows.forEach((row) => row.classList.toggle("near", Number(row.dataset.line) === number));
    told.textContent = number === null ? usual : lines[number].name;
  };
  const options = {
    tzDate: inZone,
    width: plot.clientWidth,
    height: plot.clientHeight,
    cursor: { drag: { setScale: false }, focus: { prox: 24 }, y: false },
    focus: { alpha: 0.2 },
    legend: { show: false },
    scales: { x: { range: [since, until] }, y: { dir: -1, range: [0.5, top + 0.5] } },
    axes: [{ ...axis, values: TIMES }, { ...axis, size: 36, incrs: [1, 2, 5, 10, 20], values: (_, places) => places.map((place) => place || "") }],
    series: [{}, ...lines.map((line, number) => ({
      label: line.name,
      stroke: colour(`--line${number % COLOURS}`),
      dash: DASHES[Math.floor(number / COLOURS) % DASHES.length],
      width: 4,
      points: { show: false },
      paths: bars,
    }))],
    hooks: { drawSeries: [drawMoves], setSeries: [(_, index, how) => { if (how.focus !== undefined) tell(index ? index - 1 : null); }] },
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

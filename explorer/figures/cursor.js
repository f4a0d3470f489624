// One cursor for all pictures and maps of a figure: pointing at a pixel, or the arrow keys, shows its value in each.
const MARK = "explorer-cursor";
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const NAMED = {
  tabindex: "0",
  role: "group",
  "aria-label": "Pictures and maps: the arrow keys move one cursor over all of them, Escape puts it away",
};

// place: hears pointer and keys; named: what stands about the chart and is told of; linked: whether it has any maps.
// The chart is looked up at each turn: a page may draw another in its place. Called behind `equip`, which takes back
// what was told before.
function link(place, named, linked) {
  if (!linked) {
    hide(place);
    place.onmousemove = place.onmouseleave = null;
    return;
  }
  for (const [name, value] of Object.entries(NAMED)) named.setAttribute(name, value);
  let at = null;
  const move = (row, column) => {
    at = [row, column];
    show(place, row, column);
  };
  place.onmousemove = (event) => {
    const here = pointed(place, event);
    if (here) move(...here);
    else hide(place);
  };
  place.onmouseleave = () => hide(place);
  place.onkeydown = (event) => {
    const z = heatmaps(place)[0]?.z;
    if (event.key === "Escape") hide(place);
    if (!MOVES[event.key] || !z || event.target.closest("button")) return;
    event.preventDefault();
    const [row, column] = at ?? [z.length >> 1, z[0].length >> 1];
    const kept = (value, count) => Math.min(Math.max(value, 0), count - 1);
    move(kept(row + MOVES[event.key][0], z.length), kept(column + MOVES[event.key][1], z[0].length));
  };
}

function heatmaps(place) {
  const chart = place.querySelector(".js-plotly-plot");
  const drawn = (chart?.calcdata ?? []).map(([first]) => first).filter(({ trace }) => trace?.type === "heatmap");
  return drawn.map(({ trace, z, text }) => {
    const [xaxis, yaxis] = ["x", "y"].map((way) => chart._fullLayout[trace[`${way}axis`].replace(way, `${way}axis`)]);
    return { chart, name: trace.name, picture: trace.meta !== "linked", z, text, xaxis, yaxis };
  });
}

// row and column of the pixel under the pointer, in whichever map it is
function pointed(place, { clientX, clientY }) {
  for (const { chart, z, xaxis, yaxis } of heatmaps(place)) {
    const box = chart.getBoundingClientRect();
    const column = Math.round(xaxis.p2c(clientX - box.left - xaxis._offset));
    const row = Math.round(yaxis.p2c(clientY - box.top - yaxis._offset));
    if (row >= 0 && row < z.length && column >= 0 && column < z[0].length) return [row, column];
  }
  return null;
}

function show(place, row, column) {
  hide(place);
  const told = [];
  for (const { chart, name, picture, z, text, xaxis, yaxis } of heatmaps(place)) {
    if (row >= z.length || column >= z[0].length) continue;
    const value = (picture && text?.[row]?.[column]) || Number(z[row][column]).toPrecision(3).replace("-", "−");
    const left = xaxis._offset + xaxis.c2p(column - 0.5), top = yaxis._offset + yaxis.c2p(row - 0.5);
    const width = xaxis.c2p(1) - xaxis.c2p(0), height = yaxis.c2p(1) - yaxis.c2p(0);
    const { color, family } = chart._fullLayout.font, paper = chart._fullLayout.paper_bgcolor;
    const pixel = mark(chart, "pixel", { outline: `2px solid ${color}`, boxShadow: `0 0 0 3px ${paper}` });
    Object.assign(pixel.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    const look = { color, background: paper, border: `1px solid ${color}`, borderRadius: "3px", padding: "0 4px" };
    const label = mark(chart, "value", look);
    label.style.font = `12px ${family}`;
    label.textContent = value;
    const right = left + width + 8 + label.offsetWidth > xaxis._offset + xaxis._length;
    const high = Math.min(Math.max(top + height / 2 - 9, yaxis._offset), yaxis._offset + yaxis._length - 18);
    Object.assign(label.style, { left: `${right ? left - 8 - label.offsetWidth : left + width + 8}px`, top: `${high}px` });
    told.push(`${name}: ${value}`);
  }
  const chart = place.querySelector(".js-plotly-plot");
  if (!chart) return;
  const hidden = { clipPath: "inset(50%)", width: "1px", height: "1px", overflow: "hidden" };
  const line = chart.querySelector(`.${MARK}[role=status]`) ?? mark(chart, "status", hidden);
  line.setAttribute("role", "status");
  line.textContent = `row ${row}, column ${column}. ${told.join(". ")}`;
}

function hide(place) {
  place.querySelectorAll(`.${MARK}:not([role=status])`).forEach((made) => made.remove());
}

function mark(chart, kind, look) {
  const made = document.createElement("div");
  made.className = MARK;
  made.dataset.kind = kind;
  const plain = { position: "absolute", pointerEvents: "none", zIndex: 5, boxSizing: "border-box", whiteSpace: "nowrap" };
  Object.assign(made.style, plain, look);
  (chart.querySelector(".plot-container") ?? chart).append(made);
  return made;
}

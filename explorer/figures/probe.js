// A place on a plane of pictures: pointing there, or the arrow keys, shows the picture itself and what is said of it.
const PROBE = "explorer-probe";
const STROLL = {
  tabindex: "0",
  role: "group",
  "aria-label":
    "The plane: the arrow keys move one place over both models and show the picture there, Escape puts it away",
};

// place: hears pointer and keys; named: what stands about the chart and is told of; plane: whether it has any. The
// chart is looked up at each turn: a page may draw another in its place. Called behind `equip`, as `link` is.
function stroll(place, named, plane) {
  put(place);
  if (!plane) {
    place.onpointermove = place.onpointerdown = null;
    return;
  }
  for (const [name, value] of Object.entries(STROLL)) named.setAttribute(name, value);
  let at = null;
  const go = (row, column) => {
    at = [row, column];
    tell(place, row, column);
  };
  place.onpointermove = (event) => {
    const here = spotted(place, event);
    if (here) go(...here);
  };
  place.onpointerdown = (event) => {
    const moved = place.onpointermove;
    moved(event);
    document.addEventListener("pointermove", moved); // plotly covers the page while a button is down
    const ended = () => document.removeEventListener("pointermove", moved);
    for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, ended, { once: true });
  };
  place.onkeydown = (event) => {
    const z = sides(place)[0]?.z;
    if (event.key === "Escape") put(place);
    if (!MOVES[event.key] || !z || event.target.closest("button")) return;
    event.preventDefault();
    for (const layer of place.querySelectorAll(".hoverlayer")) layer.replaceChildren(); // it tells of the pointer's place
    const last = z.length - 1;
    const [row, column] = at ?? [last >> 1, last >> 1];
    const kept = (value) => Math.min(Math.max(value, 0), last);
    go(kept(row - MOVES[event.key][0]), kept(column + MOVES[event.key][1])); // rows rise on a plane
  };
}

// The unseen maps of what each model says, and the axes they lie on.
function sides(place) {
  const chart = place.querySelector(".js-plotly-plot");
  const drawn = (chart?.calcdata ?? []).map(([first]) => first).filter(({ trace }) => trace?.meta === "plane");
  return drawn.map(({ trace, z }) => {
    const [xaxis, yaxis] = ["x", "y"].map((way) => chart._fullLayout[trace[`${way}axis`].replace(way, `${way}axis`)]);
    return { chart, trace, z, xaxis, yaxis };
  });
}

// row and column of the place under the pointer, in whichever half it is
function spotted(place, { clientX, clientY }) {
  for (const { chart, trace, z, xaxis, yaxis } of sides(place)) {
    const box = chart.getBoundingClientRect();
    const [column, row] = [
      [trace.x, xaxis.p2c(clientX - box.left - xaxis._offset)],
      [trace.y, yaxis.p2c(clientY - box.top - yaxis._offset)],
    ].map(([ticks, value]) => Math.round((value - ticks[0]) / (ticks[1] - ticks[0])));
    if (row >= 0 && row < z.length && column >= 0 && column < z[0].length) return [row, column];
  }
  return null;
}

function tell(place, row, column) {
  put(place);
  const found = sides(place);
  if (!found.length) return;
  const { chart } = found[0], { font, paper_bgcolor: paper, _size: size, meta } = chart._fullLayout;
  const [s, t] = [found[0].trace.x[column], found[0].trace.y[row]].map((value) => value / meta.unit);
  const { pixels, beyond } = pictured(meta, s, t);
  const room = drop(chart, "room", { background: paper, color: font.color, font: `13px ${font.family}` });
  const [low, high] = meta.room;
  const tall = (high - low) * size.h;
  Object.assign(room.style, { left: `${size.l}px`, top: `${size.t + (1 - high) * size.h}px`, width: `${size.w}px` });
  Object.assign(room.style, { height: `${tall}px`, display: "flex", justifyContent: "center", alignItems: "center" });
  room.style.gap = "16px";
  const said = found.map(({ trace, z, xaxis, yaxis }) => {
    const ring = drop(chart, "ring", { border: `2px solid ${font.color}`, borderRadius: "50%" });
    ring.style.boxShadow = `0 0 0 2px ${paper}, inset 0 0 0 2px ${paper}`;
    const [x, y] = [xaxis._offset + xaxis.c2p(trace.x[column]), yaxis._offset + yaxis.c2p(trace.y[row])];
    Object.assign(ring.style, { left: `${x - 8}px`, top: `${y - 8}px`, width: "16px", height: "16px" });
    return `${trace.name}: ${trace.text[row][column]}, ${Math.round(trace.customdata[row][column][0])} %`;
  });
  const canvas = painted(pixels, meta.shape);
  canvas.style.height = `${tall - 4}px`;
  canvas.style.border = `1px solid ${font.color}`;
  const words = said.map((line) => Object.assign(document.createElement("span"), { textContent: line }));
  for (const word of words) Object.assign(word.style, { flex: "1", maxWidth: "40%" });
  words[0].style.textAlign = "right";
  room.append(words[0], canvas, ...words.slice(1));
  const note = beyond ? "Some of its values lie outside of [0, 1]: they are drawn at its ends." : "";
  if (note) words.at(-1).append(document.createElement("br"), note);
  const hidden = { clipPath: "inset(50%)", width: "1px", height: "1px", overflow: "hidden" };
  const line = drop(chart, "status", hidden);
  line.setAttribute("role", "status");
  line.textContent = `${said.join(". ")}. ${note}`;
}

// The picture at a place: its values, red, green, blue or grey, and whether some lie outside of [0, 1].
function pictured({ origin, across, up }, s, t) {
  const [o, a, u] = [origin, across, up].map(floats);
  const pixels = o.map((value, i) => value + s * a[i] + t * u[i]);
  return { pixels, beyond: pixels.some((value) => value < -1e-3 || value > 1.001) };
}

function floats(text) {
  return new Float32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
}

function painted(pixels, [channels, height, width]) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const image = canvas.getContext("2d").createImageData(width, height), count = width * height;
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = 255 * pixels[(c % channels) * count + i];
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  canvas.style.imageRendering = "pixelated";
  return canvas;
}

function put(place) {
  place.querySelectorAll(`.${PROBE}`).forEach((made) => made.remove());
}

function drop(chart, kind, look) {
  const made = document.createElement("div");
  made.className = PROBE;
  made.dataset.kind = kind;
  Object.assign(made.style, { position: "absolute", pointerEvents: "none", zIndex: 5, boxSizing: "border-box" }, look);
  (chart.querySelector(".plot-container") ?? chart).append(made);
  return made;
}

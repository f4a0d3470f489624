// The same pictures in two maps: pointing at one, or the arrow keys, rings it in both, and shows it below them.
const TOUR = {
  tabindex: "0",
  role: "group",
  "aria-label":
    "Maps of the same pictures: the left and right arrow keys go from one to the next and ring it in both, Escape puts the rings away",
};

const HOME = ".modebar-btn[data-attr=zoom][data-val=reset]";

// place: hears pointer and keys; named: what stands about the chart and is told of; ringed: whether it has such maps.
// What is pointed at is known to the place, as a page may draw another chart there. Called behind `stroll`.
function ring(place, named, ringed) {
  if (!ringed) {
    delete place.picture;
    delete place.zoom;
    place.watch?.disconnect();
    return;
  }
  for (const [name, value] of Object.entries(TOUR)) named.setAttribute(name, value);
  place.onpointermove = () => hear(place);
  place.onkeydown = (event) => {
    if (event.key === "Escape") {
      delete place.picture;
      put(place);
    }
    if (!MOVES[event.key] || event.target.closest("button, input")) return;
    event.preventDefault();
    hear(place);
    const all = [...new Set(points(place).map(({ picture }) => picture))].sort((a, b) => a - b);
    const turn = MOVES[event.key][0] + MOVES[event.key][1];
    const here = place.picture === undefined ? (turn > 0 ? -1 : 0) : all.indexOf(place.picture);
    place.picture = all[(here + turn + all.length) % all.length];
    encircle(place);
  };
  place.watch ??= new MutationObserver(() => hear(place)); // for the next chart that is drawn here
  place.watch.observe(place, { childList: true, subtree: true });
  hear(place);
  if (place.picture !== undefined) encircle(place);
}

// Asks the present chart, once, to tell what is pointed at, when it has drawn itself anew, and what it was zoomed to.
function hear(place) {
  const chart = place.querySelector(".js-plotly-plot");
  if (!chart?.on || !chart.querySelector(HOME) || chart.dataset.ringed) return;
  chart.dataset.ringed = "yes";
  zoom(chart, place.zoom);
  chart.on("plotly_relayout", () => (place.zoom = zoomed(chart)));
  chart.on("plotly_hover", ({ points: [{ data, customdata }] }) => {
    if (data.meta !== "ringed") return;
    place.picture = customdata[1];
    encircle(place);
  });
  chart.on("plotly_afterplot", () => place.picture !== undefined && encircle(place));
}

// What each axis of a chart shows, and of which map: of another one the same numbers would be other places.
function zoomed(chart) {
  return axes(chart).map(({ uirevision, range }) => ({ map: uirevision, range: [...range] }));
}

// A page puts a new chart in the old one's place where anything about it has changed, and plotly.js has no name there:
// its own button, which goes back to the first ranges, is made to go to those that a person had chosen.
function zoom(chart, kept) {
  const present = axes(chart);
  if (kept?.length !== present.length || present.some(({ uirevision }, i) => uirevision !== kept[i].map)) return;
  const first = present.map((axis) => [axis._rangeInitial0, axis._rangeInitial1]);
  const set = (ranges) => axes(chart).forEach((axis, i) => ([axis._rangeInitial0, axis._rangeInitial1] = ranges[i]));
  set(kept.map(({ range }) => range));
  chart.querySelector(HOME).dispatchEvent(new MouseEvent("click", { bubbles: true }));
  set(first);
}

function axes(chart) {
  return ["xaxis", "yaxis", "xaxis2", "yaxis2"].map((name) => chart._fullLayout[name]).filter(Boolean);
}

// Every point of both maps: its map, its picture, whether it is attacked, where it is and what is said of it.
function points(place) {
  const chart = place.querySelector(".js-plotly-plot");
  const drawn = (chart?.calcdata ?? []).filter(([first]) => first?.trace?.meta === "ringed" && first.trace.visible === true);
  return drawn.flatMap((all) => {
    const { trace } = all[0];
    const [xaxis, yaxis] = ["x", "y"].map((way) => chart._fullLayout[trace[`${way}axis`].replace(way, `${way}axis`)]);
    return all.map(({ x, y }, i) => {
      const [map, picture, attacked] = trace.customdata[i];
      return { map, picture, attacked, text: trace.text[i], across: [xaxis, xaxis.c2p(x)], up: [yaxis, yaxis.c2p(y)] };
    });
  });
}

function encircle(place) {
  put(place);
  const chart = place.querySelector(".js-plotly-plot"), found = points(place).filter(({ picture }) => picture === place.picture);
  if (!chart || !found.length) return;
  const { font, paper_bgcolor: paper, _size: size, meta } = chart._fullLayout;
  for (const { attacked, across, up } of found) {
    if ([across, up].some(([axis, at]) => at < 0 || at > axis._length)) continue;
    const made = drop(chart, "ring", { border: `2px ${attacked ? "dashed" : "solid"} ${font.color}`, borderRadius: "50%" });
    made.style.boxShadow = `0 0 0 2px ${paper}, inset 0 0 0 2px ${paper}`;
    const [left, top] = [across, up].map(([axis, at]) => axis._offset + at);
    Object.assign(made.style, { left: `${left - 9}px`, top: `${top - 9}px`, width: "18px", height: "18px" });
  }
  const room = drop(chart, "room", { background: paper, color: font.color, font: `13px ${font.family}`, gap: "16px" });
  const [low, high] = meta.room, tall = (high - low) * size.h;
  const wide = Math.min(size.w, (place.clientWidth || size.w) - size.l); // of a figure that is scrolled, what is in sight
  Object.assign(room.style, { left: `${size.l + place.scrollLeft}px`, top: `${size.t + (1 - high) * size.h}px`, width: `${wide}px` });
  Object.assign(room.style, { height: `${tall}px`, display: "flex", justifyContent: "center", alignItems: "center" });
  const words = meta.names.map((name, map) => {
    const said = found.filter((point) => point.map === map);
    const lines = said.map(({ attacked, text }) => `${attacked ? "attacked" : "clean"}: ${text}`);
    const made = Object.assign(document.createElement("span"), { textContent: [name, ...lines].join("\n") });
    Object.assign(made.style, { flex: "1", maxWidth: "44%", whiteSpace: "pre-line", textAlign: map ? "left" : "right" });
    return made;
  });
  const title = Object.assign(document.createElement("b"), { textContent: `${meta.thing} ${place.picture}` });
  const middle = document.createElement("span");
  Object.assign(middle.style, { display: "flex", flexDirection: "column", alignItems: "center" });
  middle.append(...cut(meta, place.picture, tall - 20, font.color), title);
  room.append(words[0], middle, ...words.slice(1));
  const line = drop(chart, "status", { clipPath: "inset(50%)", width: "1px", height: "1px", overflow: "hidden" });
  line.setAttribute("role", "status");
  line.textContent = [title, ...words].map((word) => word.textContent).join(". ");
}

// The picture out of the sheet of all, where it is there.
function cut({ sheet, shape, columns, count }, picture, tall, colour) {
  if (!sheet || picture >= count) return [];
  const [height, width] = shape, scale = tall / height;
  const made = document.createElement("span");
  Object.assign(made.style, { width: `${width * scale}px`, height: `${tall}px`, imageRendering: "pixelated" });
  made.style.outline = `1px solid ${colour}`;
  made.style.backgroundImage = `url(${sheet})`;
  made.style.backgroundSize = `${columns * width * scale}px auto`;
  const [row, column] = [Math.floor(picture / columns), picture % columns];
  made.style.backgroundPosition = `${-column * width * scale}px ${-row * tall}px`;
  return [made];
}

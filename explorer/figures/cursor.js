// One cursor for all pictures and maps of a figure: pointing at a pixel, or the arrow keys, shows its value in each.
const MARK = "explorer-cursor";

// place: hears keys; named: what stands about the chart, and is told of the cursor
function link(place, named) {
  const chart = place.querySelector(".js-plotly-plot");
  const maps = () => (chart?.calcdata ?? []).map(([first]) => first).filter(({ trace }) => trace.type === "heatmap");
  const linked = maps().some(({ trace }) => trace.meta === "linked");
  place.querySelectorAll(`.${MARK}`).forEach((mark) => mark.remove());
  if (!linked) {
    if (named.dataset.linked) ["tabindex", "role", "aria-label", "data-linked"].forEach((name) => named.removeAttribute(name));
    return;
  }
  named.dataset.linked = "yes";
  named.setAttribute("tabindex", "0");
  named.setAttribute("role", "group");
  named.setAttribute("aria-label", "Pictures and maps: the arrow keys move one cursor over all of them");
  const host = chart.querySelector(".plot-container") ?? chart;
  const line = mark("status");
  line.setAttribute("role", "status");
  let at = null;

  function mark(kind) {
    const made = document.createElement("div");
    made.className = MARK;
    made.dataset.kind = kind;
    host.append(made);
    const ink = chart._fullLayout.font.color, page = chart._fullLayout.paper_bgcolor;
    const look = { position: "absolute", pointerEvents: "none", zIndex: 5, boxSizing: "border-box" };
    if (kind === "pixel") Object.assign(look, { outline: `2px solid ${ink}`, boxShadow: `0 0 0 3px ${page}` });
    else Object.assign(look, { color: ink, background: page, font: `12px ${chart._fullLayout.font.family}`, whiteSpace: "nowrap" });
    if (kind === "value") Object.assign(look, { border: `1px solid ${ink}`, padding: "0 4px", borderRadius: "3px" });
    if (kind === "status") Object.assign(look, { clipPath: "inset(50%)", width: "1px", height: "1px", overflow: "hidden" });
    Object.assign(made.style, look);
    return made;
  }

  function show(row, column) {
    hide();
    at = [row, column];
    const told = [];
    for (const { trace, z, text } of maps()) {
      if (!(row in z) || !(column in z[row])) continue;
      const { xaxis, yaxis } = axes(trace);
      const value = trace.meta === "linked" ? number(z[row][column]) : (text?.[row]?.[column] ?? number(z[row][column]));
      const left = xaxis._offset + xaxis.c2p(column - 0.5), top = yaxis._offset + yaxis.c2p(row - 0.5);
      const width = xaxis.c2p(column + 0.5) - xaxis.c2p(column - 0.5), height = yaxis.c2p(row + 0.5) - yaxis.c2p(row - 0.5);
      const pixel = mark("pixel"), label = mark("value");
      Object.assign(pixel.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
      label.textContent = value;
      const beyond = left + width + 8 + label.offsetWidth > xaxis._offset + xaxis._length;
      const x = beyond ? left - 8 - label.offsetWidth : left + width + 8;
      const y = Math.min(Math.max(top + height / 2 - 9, yaxis._offset), yaxis._offset + yaxis._length - 18);
      Object.assign(label.style, { left: `${x}px`, top: `${y}px` });
      told.push(`${trace.name}: ${value}`);
    }
    line.textContent = `row ${row}, column ${column}. ${told.join(". ")}`;
  }

  function hide() {
    host.querySelectorAll(`.${MARK}:not([data-kind=status])`).forEach((mark) => mark.remove());
  }

  function axes(trace) {
    const [x, y] = ["x", "y"].map((letter) => trace[`${letter}axis`].replace(letter, `${letter}axis`));
    return { xaxis: chart._fullLayout[x], yaxis: chart._fullLayout[y] };
  }

  chart.removeAllListeners?.("plotly_hover");
  chart.removeAllListeners?.("plotly_unhover");
  chart.on("plotly_hover", ({ points: [point] }) => point.data.type === "heatmap" && show(...point.pointNumber));
  chart.on("plotly_unhover", hide);
  place.onkeydown = (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (event.key === "Escape") return hide();
    if (!step || event.target.closest("button")) return;
    event.preventDefault();
    const { z } = maps()[0], [rows, columns] = [z.length, z[0].length];
    const [row, column] = at ?? [rows >> 1, columns >> 1];
    const kept = (value, count) => Math.min(Math.max(value, 0), count - 1);
    show(kept(row + step[0], rows), kept(column + step[1], columns));
  };
}

function number(value) {
  return Number(value).toPrecision(3).replace("-", "−");
}

// What a chart on the page lacks by itself: pictures in a chosen format, and what figures/replay.js and cursor.js give.
// plotly draws when it likes: wait for the chart, at most ten seconds, then hear of each time that it is drawn anew.
function drawn(place, then, left = 100) {
  const chart = place.querySelector(".js-plotly-plot");
  if (!chart?.calcdata || !chart.on) {
    if (left) setTimeout(() => drawn(place, then, left - 1), 100);
    return;
  }
  then();
  if (chart.dataset.heard) return;
  chart.dataset.heard = "yes";
  chart.on("plotly_afterplot", then);
}

export default function ({ data, parentElement }) {
  const place = document.querySelector(`.st-key-${data.chart}`);

  for (const format of ["png", "svg"]) {
    parentElement.querySelector(`[data-format=${format}]`).onclick = () => {
      const camera = place?.querySelector(CAMERA);
      const say = parentElement.querySelector("[role=status]");
      if (!camera) {
        say.textContent = "The picture is not drawn yet.";
        return;
      }
      const chart = place.querySelector(".js-plotly-plot");
      Object.assign(chart._context.toImageButtonOptions, { format, filename: data.filename });
      camera.dispatchEvent(new MouseEvent("click", { bubbles: true }));
      say.textContent = `Saved as ${data.filename}.${format}.`;
    };
  }
  if (!place) return;
  equip(place, place, data.steps);
  drawn(place, () => link(place, place));
}

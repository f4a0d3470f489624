// What a chart on the page lacks by itself: pictures in a chosen format, and what figures/replay.js, cursor.js, probe.js, ringed.js and turned.js give.
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
  link(place, place, data.linked);
  stroll(place, place, data.plane);
  ring(place, place, data.ringed);
  turn(place, place, data.scenes);
}

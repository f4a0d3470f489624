// What a chart lacks by itself: pictures in a chosen format, and its replay by keyboard.
export default function ({ data, parentElement }) {
  const place = document.querySelector(`.st-key-${data.chart}`);
  const chart = () => place?.querySelector(".js-plotly-plot");

  for (const format of ["png", "svg"]) {
    parentElement.querySelector(`[data-format=${format}]`).onclick = () => {
      const camera = chart()?.querySelector(".modebar-btn[data-title^=Download]");
      const say = parentElement.querySelector("[role=status]");
      if (!camera) {
        say.textContent = "The picture is not drawn yet.";
        return;
      }
      Object.assign(chart()._context.toImageButtonOptions, { format, filename: data.filename });
      camera.dispatchEvent(new MouseEvent("click", { bubbles: true }));
      say.textContent = `Saved as ${data.filename}.${format}.`;
    };
  }

  if (!place) return;
  place.tabIndex = 0;
  place.onkeydown = ({ key, target }) => {
    const slider = chart()?._fullLayout?.sliders?.[0];
    const turn = { ArrowLeft: -1, ArrowRight: 1, Home: -1e6, End: 1e6 }[key];
    if (!slider || !turn || target.closest("button")) return;
    const last = slider._stepCount - 1;
    const step = Math.min(Math.max(slider.active + turn, 0), last);
    const rail = chart().querySelector(".slider-rail-touch-rect");
    const { left, right, top } = rail.getBoundingClientRect();
    const inset = 10; // of the first and last step on plotly's rail
    const x = left + inset + ((right - left - 2 * inset) * step) / last;
    const at = { clientX: x, clientY: top + 2, bubbles: true };
    rail.dispatchEvent(new MouseEvent("mousedown", at)); // the page has no Plotly to call
    chart().dispatchEvent(new MouseEvent("mouseup", at));
  };
}

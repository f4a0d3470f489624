// Press the camera of the chart beside us in the format that was asked for: what is seen is what is saved.
export default function ({ data, parentElement }) {
  for (const format of ["png", "svg"]) {
    parentElement.querySelector(`[data-format=${format}]`).onclick = () => {
      const chart = document.querySelector(`.st-key-${data.chart} .js-plotly-plot`);
      const camera = chart?.querySelector(".modebar-btn[data-attr=toImage], .modebar-btn[data-title^=Download]");
      const say = parentElement.querySelector("[role=status]");
      if (!camera) {
        say.textContent = "The picture is not drawn yet.";
        return;
      }
      const options = chart._context.toImageButtonOptions;
      options.format = format;
      options.filename = data.filename;
      camera.dispatchEvent(new MouseEvent("click", { bubbles: true }));
      say.textContent = `Saved as ${data.filename}.${format}.`;
    };
  }
}

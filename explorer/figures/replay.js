// What plotly's replay lacks by itself: single steps, by key and by button, and pictures without its buttons.
const CAMERA = ".modebar-btn[data-title^=Download]";
const KEYS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
const BUTTONS = { "‹ Step": -1, "Step ›": 1 };

function equip(place) {
  const chart = () => place.querySelector(".js-plotly-plot");
  place.tabIndex = 0;
  place.onkeydown = (event) => {
    if (!KEYS[event.key] || event.target.closest("button")) return;
    event.preventDefault();
    step(chart(), KEYS[event.key]);
  };
  place.onclick = ({ target }) => {
    const turn = BUTTONS[target.closest(".updatemenu-button")?.textContent];
    if (turn) step(chart(), turn);
  };
  place.addEventListener("click", ({ target }) => target.closest(CAMERA) && bare(chart().layout), true);
}

function step(chart, turn) {
  const slider = chart?._fullLayout?.sliders?.[0];
  if (!slider) return;
  const last = slider._stepCount - 1;
  const step = Math.min(Math.max(slider.active + turn, 0), last);
  const rail = chart.querySelector(".slider-rail-touch-rect");
  const { left, right, top } = rail.getBoundingClientRect();
  const inset = 10; // of the first and last step on plotly's rail
  const x = left + inset + ((right - left - 2 * inset) * step) / last;
  const at = { clientX: x, clientY: top + 2, bubbles: true };
  rail.dispatchEvent(new MouseEvent("mousedown", at)); // a page need not know Plotly by name
  chart.dispatchEvent(new MouseEvent("mouseup", at));
}

function bare(layout) {
  // a picture has no use for buttons; plotly copies the layout while it handles the click
  const { updatemenus, sliders } = layout;
  if (!updatemenus?.length) return;
  Object.assign(layout, { updatemenus: [], sliders: [] });
  setTimeout(() => Object.assign(layout, { updatemenus, sliders }));
}

// What plotly's replay lacks by itself: single steps, by key and by button, and pictures without its buttons.
const CAMERA = ".modebar-btn[data-title^=Download]";
const KEYS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
const BUTTONS = { "‹ Step": -1, "Step ›": 1 };

const WORDS = {
  tabindex: "0",
  role: "group",
  "aria-label": "Replay of the attack: the left and right arrow keys step, Home and End go to its ends",
};

// place: hears keys and clicks; named: what stands about the chart and is told of; steps: whether it has any
function equip(place, named, steps) {
  const chart = () => place.querySelector(".js-plotly-plot");
  for (const [name, value] of Object.entries(WORDS)) {
    if (steps) named.setAttribute(name, value);
    else named.removeAttribute(name);
  }
  place.onkeydown = (event) => {
    if (!KEYS[event.key] || event.target.closest("button")) return;
    event.preventDefault();
    step(chart(), KEYS[event.key]);
  };
  place.onclick = ({ target }) => {
    const turn = BUTTONS[target.closest(".updatemenu-button")?.textContent];
    if (turn) step(chart(), turn);
  };
  if (place.dataset.equipped) return; // every redraw of the page comes by here
  place.dataset.equipped = "yes";
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

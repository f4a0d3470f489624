// A strip of pictures: one button each, arrow keys move between them, a click chooses.
export default function ({ data, parentElement, setTriggerValue }) {
  const strip = parentElement.querySelector("[role=listbox]");
  strip.setAttribute("aria-label", data.label);
  strip.replaceChildren();
  const buttons = data.items.map(({ index, png, alt }) => {
    const button = document.createElement("button");
    button.type = "button";
    button.title = alt;
    button.setAttribute("role", "option");
    button.setAttribute("aria-selected", String(index === data.chosen));
    button.tabIndex = index === data.chosen ? 0 : -1;
    const image = document.createElement("img");
    image.src = "data:image/png;base64," + png;
    image.alt = alt;
    button.append(image);
    button.onclick = () => setTriggerValue("chosen", index);
    strip.append(button);
    return button;
  });
  if (!buttons.some((button) => button.tabIndex === 0) && buttons.length) buttons[0].tabIndex = 0;
  strip.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: data.columns, ArrowUp: -data.columns }[event.key];
    if (!step) return;
    event.preventDefault();
    const here = buttons.indexOf(parentElement.activeElement ?? event.target.closest("button"));
    buttons[Math.min(Math.max(here + step, 0), buttons.length - 1)]?.focus();
  };
}

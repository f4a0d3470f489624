// Two surfaces seen from one side: turning one turns the other, by pointer or wheel; the arrow keys turn both.
const TURN = {
  tabindex: "0",
  role: "group",
  "aria-label": "Two surfaces: the left and right arrow keys turn both about the upright axis, up and down lift and lower the eye",
};
const STEP = Math.PI / 18; // of a key
const STEEPEST = 0.05; // radians that the eye keeps from straight above and below
const STIRS = ["pointermove", "pointerup", "wheel", "click"];

// place: hears pointer and keys; named: what stands about the chart and is told of; scenes: whether it has two of them.
// The chart is looked up at each turn: a page may draw another in its place. Called last of all.
function turn(place, named, scenes) {
  if (!scenes) {
    place.follows?.abort();
    delete place.follows;
    return;
  }
  for (const [name, value] of Object.entries(TURN)) named.setAttribute(name, value);
  place.onkeydown = (event) => {
    if (!MOVES[event.key] || event.target.closest("button, input")) return;
    event.preventDefault();
    const [row, column] = MOVES[event.key];
    const [first] = surfaces(place);
    if (first) look(place, swung(first.scene.getCamera(), column * STEP, row * STEP));
  };
  if (place.follows) return;
  place.follows = new AbortController();
  const follow = () => requestAnimationFrame(() => after(place));
  for (const kind of STIRS) document.addEventListener(kind, follow, { signal: place.follows.signal, passive: true });
}

function surfaces(place) {
  const chart = place.querySelector(".js-plotly-plot");
  const named = ["scene", "scene2"].map((name) => ({ chart, name, scene: chart?._fullLayout?.[name]?._scene }));
  return named.every(({ scene }) => scene?.glplot) ? named : [];
}

// Let the other surface follow the one that was turned since the last look.
function after(place) {
  if (!place.isConnected) {
    place.follows?.abort();
    return;
  }
  const two = surfaces(place);
  const now = two.map(({ scene }) => JSON.stringify(scene.getCamera()));
  const before = place.cameras?.length === now.length ? place.cameras : now;
  const led = now.findIndex((camera, i) => camera !== before[i]);
  if (led >= 0) look(place, JSON.parse(now[led]));
  else place.cameras = now;
}

function look(place, camera) {
  for (const { chart, name, scene } of surfaces(place)) {
    scene.setViewport({ aspectratio: chart._fullLayout[name].aspectratio, camera }); // a page need not know Plotly by name
    scene.glplot.redraw();
    if (chart.layout[name]) chart.layout[name].camera = camera;
  }
  place.cameras = surfaces(place).map(({ scene }) => JSON.stringify(scene.getCamera()));
}

// The camera with its eye moved about its centre: around the upright axis, and over it.
function swung(camera, around, over) {
  const { eye, center } = camera;
  const [x, y, z] = ["x", "y", "z"].map((way) => eye[way] - center[way]);
  const far = Math.hypot(x, y, z);
  const angle = Math.atan2(y, x) + around;
  const from = Math.min(Math.max(Math.acos(z / far) + over, STEEPEST), Math.PI - STEEPEST);
  const level = far * Math.sin(from);
  const moved = { x: level * Math.cos(angle), y: level * Math.sin(angle), z: far * Math.cos(from) };
  return { ...camera, eye: Object.fromEntries(["x", "y", "z"].map((way) => [way, center[way] + moved[way]])) };
}

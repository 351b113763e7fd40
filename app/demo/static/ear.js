// How well the panel hears: set by hand, or as panels are. What it heard, it says.
import { byId, element } from "./html.js";
import { Ear } from "./hearing.js";

const STORED = "doorbot-playground-ear";
const PANELS = {
  well: { name: "well", about: "A good panel.", threshold: -30, shortest: 40, misses: 0 },
  slow: { name: "slow to wake", about: "Half asleep: it misses the first second and a half.", threshold: -30, shortest: 60, misses: 1500 },
  long: { name: "only long tones", about: "Wants a key for a quarter of a second, which Twilio’s digits never are.", threshold: -30, shortest: 250, misses: 0 },
  deaf: { name: "hard of hearing", about: "An old panel at a noisy street.", threshold: -9, shortest: 1000, misses: 1000 },
};
const SLIDERS = {
  threshold: { name: "Quietest tone it hears", min: -40, max: -4, step: 1, unit: "dB", to: (value) => `${value} dB`.replace("-", "−") },
  shortest: { name: "Shortest tone it takes", min: 20, max: 2500, step: 10, to: (value) => `${value} ms` },
  misses: { name: "Misses of the beginning", min: 0, max: 4000, step: 100, to: (value) => `${(value / 1000).toFixed(1)} s` },
};
const SAYS = {
  heard: (found) => `I heard ${found.key} for ${found.ms} ms at ${dB(found)}.`,
  short: (found) => `I heard ${found.key} for ${found.attended} ms, too short for me: I need ${settings.shortest} ms.`,
  faint: (found) => `Something like ${found.key} at ${dB(found)}, too quiet for me: I need ${settings.threshold} dB.`.replaceAll("-", "−"),
  missed: (found) => `There was a ${found.key} before I listened: I miss the first ${settings.misses / 1000} s.`,
};
const dB = (found) => `${found.level} dB`.replace("-", "−");

let settings = { ...PANELS.well };

// An ear for a sound that begins; `told` gets what it says, `opens` the key that it took.
export const listener = (told, opens) => new Ear(settings, { found: (found) => told(SAYS[found.verdict](found), found), opens });

export function setPanel(name) {
  choose({ ...PANELS[name] });
}

function choose(chosen) {
  settings = chosen;
  const same = Object.values(PANELS).find((each) => Object.keys(SLIDERS).every((key) => each[key] === settings[key]));
  byId("ear-name").textContent = same?.name ?? "as you set it";
  for (const [key, panel] of Object.entries(PANELS)) byId(`ear-${key}`).checked = panel === same;
  for (const [key, slider] of Object.entries(SLIDERS)) {
    byId(`ear-${key}-range`).value = settings[key];
    byId(`ear-${key}-value`).textContent = slider.to(settings[key]);
  }
  try { localStorage.setItem(STORED, JSON.stringify(settings)); } catch { /* then it is not kept */ }
}

function stored() {
  try {
    const kept = JSON.parse(localStorage.getItem(STORED));
    if (kept && Object.keys(SLIDERS).every((key) => Number.isFinite(kept[key]))) return kept;
  } catch { /* nothing that can be read */ }
  return { ...PANELS.well };
}

export function start() {
  const panels = Object.entries(PANELS).map(([key, panel]) => element("label", { class: "choice", title: panel.about },
    element("input", { type: "radio", name: "ear", id: `ear-${key}`, onchange: () => setPanel(key) }), element("span", {}, panel.name)));
  const sliders = Object.entries(SLIDERS).map(([key, slider]) => element("p", { class: "slider" },
    element("label", { for: `ear-${key}-range` }, slider.name), element("output", { id: `ear-${key}-value`, for: `ear-${key}-range` }),
    element("input", { type: "range", id: `ear-${key}-range`, min: slider.min, max: slider.max, step: slider.step,
      oninput: (event) => choose({ ...settings, [key]: Number(event.target.value) }) })));
  byId("ear-settings").append(
    element("fieldset", { class: "choices" }, element("legend", { class: "unseen" }, "Panels"), ...panels),
    ...sliders,
    element("p", { class: "hint" }, "If it stays shut, ring again: soon after another ring, DoorBot sounds a stronger tone. To find one for good, type /frontdoor tone, ring, and let yourself in."),
  );
  choose(stored());
}

// The panel: a bell, twelve keys and a display.
import { byId, element } from "./html.js";
import { act } from "./server.js";
import { chime, keyBeep, ringing } from "./sounds.js";
import { on, state, theCall } from "./state.js";
import { hush } from "./voice.js";

const LETTERS = { 2: "ABC", 3: "DEF", 4: "GHI", 5: "JKL", 6: "MNO", 7: "PQRS", 8: "TUV", 9: "WXYZ" };
const SPOKEN = { "*": "star", "#": "hash" };
const SHOWN_SECONDS = 6;
let keyed = "", stopRinging = () => {}, timer = null, last = Promise.resolve();

function show(words, isLit = true) {
  byId("display-words").textContent = words;
  byId("keyed").textContent = keyed;
  byId("panel").classList.toggle("is-lit", isLit);
}

export async function ring() {
  chime();
  return act("ring", { intercom: state.doors[0].intercom });
}

export async function hangUp() {
  hush();
  const call = theCall();
  return call && act("hang-up", { call: call.sid });
}

// Keys are sent one after the other, in the order in which they were pressed.
export function press(key) {
  keyBeep(key);
  const button = byId("keys").querySelector(`[data-key="${CSS.escape(key)}"]`);
  button?.classList.add("is-down");
  setTimeout(() => button?.classList.remove("is-down"), 120);
  const call = theCall();
  if (!call) {
    show("Ring first", false);
    rest();
    return last;
  }
  keyed = (keyed + key).slice(-8);
  show("Keyed");
  last = last.then(() => act("key", { call: call.sid, digits: key }));
  return last;
}

function rest() {
  clearTimeout(timer);
  timer = setTimeout(() => { if (!theCall()) show("Press the bell", false); }, SHOWN_SECONDS * 1000);
}

function quiet() {
  stopRinging();
  stopRinging = () => {};
}

function changed(call) {
  quiet();
  if (call.state === "ringing") {
    keyed = "";
    stopRinging = ringing([440, 480]);
    show("Calling …");
  } else if (call.state === "answered") {
    show("Connected");
  } else {
    keyed = "";
    show("Call ended", false);
    rest();
  }
  drawBell();
}

function drawBell() {
  const call = theCall();
  byId("bell-words").textContent = call ? "Hang up" : "Ring";
  byId("bell").classList.toggle("is-busy", Boolean(call));
}

function draw() {
  const call = theCall();
  byId("plate").textContent = state.doors[0].name;
  if (call) return changed(call);
  quiet();
  keyed = "";
  show("Press the bell", false);
  return drawBell();
}

export function start() {
  const keys = [..."123456789*0#"].map((key) => element("button", { type: "button", "data-key": key, "aria-label": `Key ${SPOKEN[key] ?? key}`, onclick: () => press(key) },
    element("b", {}, key), element("span", { "aria-hidden": "true" }, LETTERS[key] ?? "")));
  byId("keys").append(...keys);
  byId("bell").addEventListener("click", (event) => {
    if (event.detail > 1) return; // whoever clicks twice means once
    if (theCall()) hangUp();
    else ring();
  });
  byId("panel").addEventListener("keydown", (event) => {
    if (/^[0-9*#]$/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      press(event.key);
    }
  });
  on("snapshot", draw);
  on("call", changed);
  on("lost", quiet);
  on("opened", () => { show("Open: come in"); });
}

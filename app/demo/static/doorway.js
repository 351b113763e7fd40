// The door: swings open when the panel took the right key, and falls shut. In front of it a courier.
import { byId } from "./html.js";
import { buzz, clack } from "./sounds.js";
import { theCall } from "./state.js";

const OPEN_SECONDS = 6;
let timer = null, isOpen = false;
const doorway = () => byId("doorway");

export const doorIsOpen = () => isOpen;

export function open() {
  clearTimeout(timer);
  timer = setTimeout(shut, OPEN_SECONDS * 1000);
  if (!isOpen) {
    buzz();
    setTimeout(clack, 250);
  }
  say(true);
  courier("goes-in");
}

function shut() {
  if (isOpen) clack();
  say(false);
  if (!theCall()) courier("");
}

function say(nowOpen) {
  isOpen = nowOpen;
  doorway().classList.toggle("is-open", isOpen);
  doorway().setAttribute("aria-label", isOpen ? "The door is open." : "The door is shut.");
  byId("verdict").textContent = isOpen ? "open" : "shut";
  byId("door-state").textContent = isOpen ? " is open" : "";
}

// Where the courier is: "waits", "goes-in" or "" for nobody.
export function courier(what) {
  doorway().classList.toggle("waits", what === "waits");
  doorway().classList.toggle("goes-in", what === "goes-in");
}

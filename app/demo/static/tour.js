// The tour: one scene at a time, to do oneself or to watch. It ends with the real thing.
import { hands, until } from "./hands.js";
import { byId, element, icon } from "./html.js";
import { SCENES } from "./scenes.js";
import { on, state, theCall } from "./state.js";

const TICK = "M3 8.600l3.200 3.200L13 4.600";
const STORED = "doorbot-playground-tour";
let at = 0, isDone = false, isBusy = false, isAway = false, turn = 0;

hands.untilCallEnds = async () => {
  let isOpen = false;
  wasOpened = () => { isOpen = true; };
  await until(() => !theCall(), 40);
  return isOpen;
};
let wasOpened = () => {};

function keep() {
  try { sessionStorage.setItem(STORED, JSON.stringify({ at, isAway })); } catch { /* then it begins anew */ }
}

function go(to) {
  at = to;
  isDone = isBusy = false;
  turn++;
  keep();
  draw(true);
}

async function doIt() {
  const mine = turn;
  isBusy = true;
  draw(true);
  await SCENES[at].go(hands);
  if (mine !== turn) return;
  isBusy = false;
  draw();
}

const button = (words, pressed, kind = "quiet", more = {}) => element("button", { type: "button", class: kind, onclick: pressed, ...more }, words);

function draw(takesFocus = false) {
  const tour = byId("tour"), hadFocus = tour.contains(document.activeElement);
  tour.hidden = false;
  tour.classList.toggle("is-away", isAway);
  tour.replaceChildren(...(isAway ? away() : at < SCENES.length ? scene() : end()));
  if (hadFocus || takesFocus) (tour.querySelector(".main") ?? tour.querySelector("button"))?.focus({ preventScroll: true });
}

function away() {
  return [element("h2", { id: "tour-title", class: "unseen" }, "The tour"), button("Show the tour", () => { isAway = false; keep(); draw(true); })];
}

function steps() {
  return element("ol", { class: "steps", "aria-hidden": "true" }, [...SCENES, null].map((_, each) => element("li", { class: each < at ? "is-past" : each === at ? "is-here" : "" })));
}

function scene() {
  const { title, text } = SCENES[at];
  return [
    element("div", { class: "tour-words" },
      element("h2", { id: "tour-title" }, element("span", { class: "tour-number" }, `${at + 1} of ${SCENES.length}`), " ", title),
      element("p", {}, text), steps()),
    element("div", { class: "tour-acts" },
      element("span", { class: "tour-done", role: "status" }, isDone ? [icon(TICK), "Done"] : ""),
      isDone ? button("Next", () => go(at + 1), "main") : button(isBusy ? "Watch …" : "Do it for me", doIt, "main", { "aria-disabled": isBusy ? "true" : null }),
      at > 0 && button("Back", () => go(at - 1)),
      !isDone && button("Skip", () => go(at + 1)),
      button("Hide", () => { isAway = true; keep(); draw(true); })),
  ];
}

function end() {
  return [
    element("div", { class: "tour-words" },
      element("h2", { id: "tour-title" }, "Now for real"),
      element("p", {}, "You need a Slack workspace, a Twilio number and ten minutes. The guide leads from nothing to the first real ring, with what you should see after each step."), steps()),
    element("div", { class: "tour-acts" },
      element("a", { class: "main", href: state.guide }, "The set-up guide"),
      button("Begin again", () => go(0)),
      button("Hide", () => { isAway = true; keep(); draw(true); })),
  ];
}

// Something happened: was it what this scene waits for?
function saw(type, event) {
  if (type === "opened") wasOpened();
  if (at >= SCENES.length || isDone || isAway) return;
  const [wanted, isIt] = SCENES[at].until;
  if (type !== wanted || !isIt(event)) return;
  isDone = true;
  draw();
}

export function start() {
  try { ({ at = 0, isAway = false } = JSON.parse(sessionStorage.getItem(STORED)) ?? {}); } catch { /* it begins anew */ }
  at = Math.min(Math.max(0, Number(at) || 0), SCENES.length);
  on("snapshot", () => draw());
  for (const type of ["opened", "message", "entry", "telephone"]) on(type, (event) => saw(type, event));
}

export const restart = () => { isAway = false; go(0); };

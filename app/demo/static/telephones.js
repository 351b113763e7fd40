// The telephones that a ring is forwarded to: they ring here too.
import { byId, element } from "./html.js";
import { play, write } from "./line.js";
import { act } from "./server.js";
import { digitsOf, ringing } from "./sounds.js";
import { on, state, theCall } from "./state.js";

const WORDS = { quiet: "quiet", ringing: "rings", whisper: "picked up", prompt: "picked up", talking: "talking" };
const phones = new Map(); // by number: what each shows and hears

export const stateOf = (number) => phones.get(number)?.state ?? "quiet";

export function use(number, what, digit = "") {
  const { call } = phones.get(number) ?? {};
  return call ? act("telephone", { call, number, act: what, digit }) : null;
}

// What is keyed in a talk goes down the line, past DoorBot: the panel may take it.
function keyInTalk(name, key) {
  write(`${name} presses ${key} while talking. DoorBot does not hear that, and it is not on record.`, "note");
  play(digitsOf(key), theCall());
}

function buttons(number, name, shown) {
  const button = (words, pressed, kind = "quiet") => element("button", { type: "button", class: kind, "aria-label": `${words}: ${name}`, onclick: pressed }, words);
  switch (shown.state) {
    case "ringing":
      return [button("Answer", () => use(number, "answer"), "go"), button("Decline", () => use(number, "decline"))];
    case "whisper":
    case "prompt":
      return [button("9", () => use(number, "key", "9"), "key"), button("1", () => use(number, "key", "1"), "key"), button("Hang up", () => use(number, "hang-up"))];
    case "talking":
      return [button("9", () => keyInTalk(name, "9"), "key"), button("Hang up", () => use(number, "hang-up"))];
    default:
      return [];
  }
}

function draw(number) {
  const phone = state.telephones.find((each) => each.number === number), shown = phones.get(number);
  const card = byId(`telephone-${number}`), had = card?.contains(document.activeElement);
  const made = element("li", { id: `telephone-${number}`, class: `telephone is-${shown.state}` },
    element("div", { class: "set" }, element("b", {}, phone.name), element("span", { class: "number" }, number.replace(/^\+1(...)(...)(....)$/, "$1 $2 $3")), element("span", { class: "telephone-state" }, WORDS[shown.state] ?? shown.state)),
    shown.text && element("p", { class: "whisper" }, `“${shown.text}”`),
    element("div", { class: "telephone-keys" }, buttons(number, phone.name, shown)));
  if (card) card.replaceWith(made);
  else byId("telephones").append(made);
  if (had) made.querySelector("button")?.focus();
}

function changed(event) {
  const before = phones.get(event.number);
  const text = event.state === "prompt" || event.state === "talking" ? before?.text ?? "" : event.text;
  phones.set(event.number, { call: event.call, state: event.state, text: event.state === "quiet" || event.state === "talking" ? "" : text });
  draw(event.number);
  rings();
}

function rings(isLost = false) {
  const isRinging = !isLost && [...phones.values()].some((each) => each.state === "ringing");
  if (isRinging && !rings.stop) rings.stop = ringing([620, 700], 0.03);
  else if (!isRinging && rings.stop) {
    rings.stop();
    rings.stop = null;
  }
}

function reset() {
  byId("telephones").replaceChildren();
  for (const { number } of state.telephones) {
    phones.set(number, { call: theCall()?.sid, state: "quiet", text: "" });
    draw(number);
  }
  rings();
}

export function start() {
  on("snapshot", reset);
  on("telephone", changed);
  on("lost", () => rings(true));
  on("call", (call) => { if (call.state === "ended") reset(); });
}

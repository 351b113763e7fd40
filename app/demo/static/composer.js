// Where words are typed: with what can be typed, and what was typed before.
import { goTo, whereTo } from "./chat.js";
import { completions } from "./completions.js";
import { byId, element } from "./html.js";
import { act } from "./server.js";
import { on, person, state } from "./state.js";

const typed = [];
let back = 0; // how far Arrow up went
let offered = [], chosen = -1;

const input = () => byId("words"), list = () => byId("completions");

function offer() {
  offered = completions(input().value, person(state.me)?.role);
  chosen = -1;
  show(offered.length > 0);
}

function show(isShown) {
  const rows = offered.map((each, at) => element("div", { role: "option", id: `completion-${at}`, "aria-selected": String(at === chosen), onmousedown: (event) => { event.preventDefault(); choose(at); } },
    element("code", {}, each.text), element("span", {}, each.about)));
  list().replaceChildren(...(isShown ? rows : []));
  list().hidden = !isShown;
  input().setAttribute("aria-expanded", String(isShown));
  if (isShown && chosen >= 0) input().setAttribute("aria-activedescendant", `completion-${chosen}`);
  else input().removeAttribute("aria-activedescendant");
  rows[chosen]?.scrollIntoView({ block: "nearest" });
}

function choose(at) {
  input().value = offered[at].text;
  offered = [];
  show(false);
}

function onKey(event) {
  const isOpen = !list().hidden, down = event.key === "ArrowDown", up = event.key === "ArrowUp";
  if (isOpen && (down || up)) {
    chosen = (chosen + (down ? 1 : chosen < 0 ? 0 : -1) + offered.length) % offered.length;
    show(true);
  } else if (isOpen && chosen >= 0 && (event.key === "Enter" || event.key === "Tab")) {
    choose(chosen);
  } else if (isOpen && event.key === "Escape") {
    show(false);
  } else if ((up || down) && typed.length && !isOpen) {
    back = Math.min(typed.length, Math.max(0, back + (up ? 1 : -1)));
    input().value = back ? typed[typed.length - back] : "";
  } else {
    return;
  }
  event.preventDefault();
}

async function send(event) {
  event?.preventDefault();
  const text = input().value.trim();
  if (!text) return;
  typed.push(text);
  back = 0;
  input().value = "";
  show(false);
  const to = whereTo();
  if (state.room === "home") goTo("direct"); // where the answer can be seen
  await act("say", { user: state.me, to, text });
}

// Type for somebody who watches, then send.
export async function type(text, pause) {
  input().value = "";
  for (const part of text.match(/.{1,3}/g)) {
    input().value += part;
    await pause(0.03);
  }
  await pause(0.25);
  await send();
}

export function start() {
  input().addEventListener("input", () => { back = 0; offer(); });
  input().addEventListener("keydown", onKey);
  input().addEventListener("blur", () => show(false));
  byId("composer").addEventListener("submit", send);
  const greet = () => {
    const name = person(state.me)?.name;
    input().placeholder = `Type /frontdoor, or a message, as ${name}`;
  };
  on("snapshot", greet);
  on("me", greet);
}

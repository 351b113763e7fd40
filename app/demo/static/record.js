// The record, newest first, as it grows.
import { byId, element } from "./html.js";
import { on, state } from "./state.js";

const MOST = 60;
const BADGES = { // as app/domain/log_kinds.py has them
  released: ["Released", "good"], denied: ["Denied", "bad"], asked: ["Asked", "open"], held: ["Held", "open"],
  forwarded: ["Forwarded", "open"], answered: ["Answered", "good"], unanswered: ["Unanswered", "bad"],
  hung_up: ["Hung up", "bad"], lost: ["Lost", "bad"], done: ["Done", ""], refused: ["Refused", "bad"], unknown: ["Unknown", "bad"],
};

// Local time at the door, with the day: the clock moves by days here.
function when(entry) {
  const parts = { weekday: "short", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: state.clock.zone };
  return new Date(entry.time).toLocaleString("en-GB", parts).replace(",", "");
}

function row(entry) {
  const [words, colour] = BADGES[entry.outcome] ?? [entry.outcome.replaceAll("_", " "), ""];
  return element("li", { class: "entry" },
    element("time", { datetime: entry.time }, when(entry)),
    element("span", { class: `badge ${colour}` }, words),
    element("p", { class: "told" }, entry.sentence));
}

function draw() {
  const rows = state.entries.slice(-MOST).reverse().map(row);
  const nothing = element("p", { class: "empty" }, "Nothing has happened yet. Ring, or type something in the chat.");
  byId("entries").replaceChildren(rows.length ? element("ol", { class: "entries" }, rows) : nothing);
}

function add(entry) {
  const list = byId("entries").querySelector("ol");
  if (!list) return draw();
  const made = row(entry);
  made.classList.add("is-new");
  list.prepend(made);
  if (list.children.length > MOST) list.lastChild.remove();
  return undefined;
}

export function start() {
  on("snapshot", draw);
  on("entry", add);
}

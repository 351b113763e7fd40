// The record, newest first, as it grows.
import { byId, element } from "./html.js";
import { on, state } from "./state.js";

const MOST = 60;
const BADGES = {
  released: ["Released", "good"], done: ["Done", ""], asked: ["Asked", "open"], forwarded: ["Forwarded", "open"], denied: ["Denied", "bad"],
  refused: ["Refused", "bad"], failed: ["Failed", "bad"], unanswered: ["Unanswered", "bad"], talked: ["Talked", "good"],
};

function row(entry) {
  const [words, colour] = BADGES[entry.outcome] ?? [entry.outcome.replaceAll("_", " "), ""];
  const time = entry.when, [clock] = /\d\d?:\d\d/.exec(time) ?? [time];
  return element("li", { class: "entry" },
    element("time", { datetime: entry.time, title: time }, time || clock),
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

// Who you are: one of the people of the pretended workspace.
import { byId, element } from "./html.js";
import { on, person, state, take } from "./state.js";

const ROLES = { admin: "the admin", host: "the host", member: "a member", guest: "a guest" };

export const face = (id) => {
  const known = person(id), name = known?.name ?? { doorbot: "DoorBot", slack: "Slackbot" }[id] ?? id;
  return element("span", { class: `face ${known?.role ?? id}`, "aria-hidden": "true" }, name.slice(0, 1));
};
export const nameOf = (id) => person(id)?.name ?? { doorbot: "DoorBot", slack: "Slackbot" }[id] ?? id;

// Become somebody else.
export function be(id) {
  if (state.me === id) return;
  state.me = id;
  draw();
  take({ type: "me" });
}

function draw() {
  const rows = state.people.map((each) => {
    const input = element("input", { type: "radio", name: "me", value: each.id, id: `me-${each.id}`, onchange: () => be(each.id) });
    input.checked = each.id === state.me;
    const words = element("span", { class: "who" }, element("b", {}, each.name), element("span", {}, ` ${ROLES[each.role] ?? each.role}`));
    return element("label", { class: "person", title: each.about }, input, face(each.id), words, element("span", { class: "dot", id: `news-${each.id}`, hidden: true }, element("span", { class: "unseen" }, "has new messages")));
  });
  const had = document.activeElement?.name === "me";
  byId("people").replaceChildren(element("legend", {}, "You are"), ...rows);
  if (had) byId(`me-${state.me}`).focus();
}

export function start() {
  on("snapshot", draw);
}

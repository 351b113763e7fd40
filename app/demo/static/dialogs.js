// Dialogs: those that DoorBot opens, with their inputs and what is wrong with them, and the question before something is done.
import { byId, element, nodes } from "./html.js";
import { act } from "./server.js";
import { on, state } from "./state.js";
import { valuesOf } from "./values.js";

const dialog = () => byId("view");
let shown = null; // the view that is drawn

// Ask before something is done that is not easily undone; its texts are the server's rendering.
export function ask({ title, text, confirm, deny, style }) {
  const asked = byId("asked");
  const yes = element("button", { type: "button", class: `bk-button ${style === "danger" ? "danger" : "primary"}`, value: "yes" }, nodes(confirm));
  const no = element("button", { type: "button", class: "bk-button", value: "no" }, nodes(deny));
  asked.replaceChildren(
    element("h2", { id: "asked-title" }, nodes(title)),
    element("div", { class: "asked-body" }, nodes(text)),
    element("div", { class: "asked-foot" }, no, yes),
  );
  return new Promise((answer) => {
    asked.returnValue = "";
    for (const button of [yes, no]) button.addEventListener("click", () => asked.close(button.value));
    asked.addEventListener("close", () => answer(asked.returnValue === "yes"), { once: true });
    asked.showModal();
    no.focus();
  });
}

function draw() {
  const view = state.views[state.me] ?? null;
  if (view && shown && view.id === shown.id && view.html === shown.html) {
    shown = view;
    return showErrors(view.errors ?? {}); // what was typed stays
  }
  shown = view;
  if (!view) return dialog().close();
  const close = element("button", { type: "button", class: "bk-button", onclick: cancel }, view.close || "Close");
  const submit = view.submit && element("button", { type: "submit", class: "bk-button primary" }, view.submit);
  const form = element("form", { "data-view": view.id, novalidate: true, onsubmit: send },
    element("h2", { id: "view-title", tabindex: "-1" }, view.title),
    element("div", { class: "asked-body" }, nodes(view.html)),
    element("p", { class: "bk-error for-all", role: "alert", hidden: true }),
    element("div", { class: "asked-foot" }, close, submit),
  );
  dialog().replaceChildren(form);
  if (!dialog().open) dialog().showModal();
  (form.querySelector("[autofocus]") ?? form.querySelector(".asked-body :is(input, select, textarea)") ?? byId("view-title")).focus();
  showErrors(view.errors ?? {});
  return undefined;
}

function showErrors(errors) {
  let first = null;
  for (const block of dialog().querySelectorAll("[data-block]")) {
    const said = block.querySelector(".bk-error"), text = errors[block.dataset.block] ?? "";
    said.textContent = text;
    said.hidden = !text;
    for (const field of block.querySelectorAll("input, select, textarea")) field.setAttribute("aria-invalid", String(Boolean(text)));
    if (text) first ??= block.querySelector("input, select, textarea");
  }
  const whole = dialog().querySelector(".for-all");
  whole.textContent = errors[""] ?? "";
  whole.hidden = !errors[""];
  first?.focus();
}

async function send(event) {
  event.preventDefault();
  const form = event.currentTarget, button = form.querySelector('[type="submit"]');
  if (!button || button.disabled) return;
  button.disabled = true;
  await act("submit", { user: state.me, view: form.dataset.view, values: valuesOf(form) });
  button.disabled = false;
}

function cancel() {
  const view = shown;
  shown = null;
  dialog().close();
  if (view) {
    state.views[state.me] = null;
    act("close", { user: state.me, view: view.id });
  }
}

export function start() {
  dialog().addEventListener("cancel", (event) => { event.preventDefault(); cancel(); });
  on("view", (event) => { if (event.user === state.me) draw(); });
  on("snapshot", draw);
  on("me", draw);
}

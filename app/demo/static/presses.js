// Buttons, menus and inputs of Block Kit that do something at once: they are told to the server as Slack would.
import { ask } from "./dialogs.js";
import { act } from "./server.js";
import { state } from "./state.js";
import { valueOf } from "./values.js";

// Where a piece of Block Kit stands, as the server wants it.
function whereIs(node) {
  const message = node.closest("[data-message]");
  if (message) return `message:${message.dataset.message}`;
  const view = node.closest("[data-view]");
  return view ? `view:${view.dataset.view}` : "home";
}

async function press(node, chosen = {}) {
  const pressed = JSON.parse(node.dataset.press), where = whereIs(node);
  if (node.dataset.confirm && !(await ask(JSON.parse(node.dataset.confirm)))) return;
  node.setAttribute("aria-busy", "true");
  await act("press", { user: state.me, where, element: { ...pressed, ...chosen } });
  node.removeAttribute("aria-busy");
}

document.addEventListener("click", (event) => {
  const item = event.target.closest("[data-option]");
  const menu = item?.closest(".bk-menu");
  if (menu) {
    const option = menu.dataset.key === "selected_user" ? item.dataset.option : JSON.parse(item.dataset.option);
    press(menu, { [menu.dataset.key]: option });
    return;
  }
  const button = event.target.closest("button[data-press], a[data-press]");
  if (button && !button.hasAttribute("aria-busy")) press(button);
});

document.addEventListener("change", (event) => {
  const field = event.target.closest("[data-action]"), around = field?.closest("[data-press]");
  if (!around || around.closest(".bk-input")) return;
  const { type, ...chosen } = valueOf(field);
  press(around, chosen);
});

// Buttons that open a list of things to choose: by mouse, and by the keys that a menu has (www.w3.org/WAI/ARIA/apg).

let open = null;

const items = (list) => [...list.querySelectorAll('[role="menuitem"]')];

export function close(takesFocus = false) {
  if (!open) return;
  const { button, list } = open;
  open = null;
  list.hidden = true;
  button.setAttribute("aria-expanded", "false");
  if (takesFocus) button.focus();
}

function show(button, list) {
  close();
  list.hidden = false;
  button.setAttribute("aria-expanded", "true");
  open = { button, list };
  list.classList.remove("is-above", "is-left");
  const box = list.getBoundingClientRect();
  if (box.bottom > innerHeight && box.height < button.getBoundingClientRect().top) list.classList.add("is-above");
  if (box.right > document.documentElement.clientWidth) list.classList.add("is-left");
  items(list)[0]?.focus();
}

// Somebody pressed a button with a list behind it.
document.addEventListener("click", (event) => {
  const button = event.target.closest('[aria-haspopup="menu"]');
  if (button) {
    const list = button.parentElement.querySelector('[role="menu"]');
    if (open?.button === button) close();
    else show(button, list);
  } else if (open && (event.target.closest('[role="menuitem"]') || !open.list.contains(event.target))) {
    close(open.list.contains(event.target));
  }
});

document.addEventListener("keydown", (event) => {
  if (!open) return;
  const all = items(open.list), at = all.indexOf(document.activeElement);
  const goTo = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (goTo !== undefined) {
    all[(goTo + all.length) % all.length]?.focus();
    event.preventDefault();
  } else if (event.key === "Escape" || event.key === "Tab") {
    close(event.key === "Escape");
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); }
  } else if (event.key.length === 1 && event.key !== " ") {
    [...all.slice(at + 1), ...all].find((each) => each.textContent.toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
  }
}, true);

// Nodes from text, and from the HTML that our own server made.

// Only the server's rendering goes through here: it has escaped whatever somebody typed (www.w3.org/TR/trusted-types).
const policy = window.trustedTypes
  ? trustedTypes.createPolicy("playground", { createHTML: (text) => text })
  : { createHTML: (text) => text };

export const byId = (id) => document.getElementById(id);

export function nodes(html) {
  const parsed = new DOMParser().parseFromString(policy.createHTML(html), "text/html");
  return [...parsed.body.childNodes].map((node) => document.importNode(node, true));
}

// An element: attributes by name (`on…` are listeners, true and false make or leave out), then its children.
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

// A small drawing of 16 by 16, decoration beside words.
export function icon(path) {
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawn.setAttribute("viewBox", "0 0 16 16");
  drawn.setAttribute("class", "icon");
  drawn.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  drawn.append(line);
  return drawn;
}

// Whether somebody who scrolls is at the end: then they are kept there.
export const isAtEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < 60;
export const toEnd = (box) => { box.scrollTop = box.scrollHeight; };
export const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

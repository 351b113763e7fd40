// The chat as the person you are sees it: a channel, DoorBot's direct messages, and its Home tab.
import { byId, element, icon, isAtEnd, nodes, toEnd } from "./html.js";
import { face, nameOf } from "./people.js";
import { act } from "./server.js";
import { on, person, state, take } from "./state.js";

const EYE = "M1.500 8s2.400-4.200 6.500-4.200S14.500 8 14.500 8s-2.400 4.200-6.500 4.200S1.500 8 1.500 8zM8 6.200a1.800 1.800 0 1 0 0 3.600 1.800 1.800 0 0 0 0-3.600z";
const HOME = "home", DIRECT = "direct";
const seen = new Map(); // by person and room: the newest message that was looked at

// Which room a message belongs to, for the person who looks.
const roomOf = (message) => (message.to === state.me ? DIRECT : message.to);
const isMine = (message, me) => (message.only === null || message.only === me) && (!message.to.startsWith("U") || message.to === me);
const newest = (me, room) => [...state.messages.values()]
  .filter((each) => isMine(each, me) && (each.to === me ? DIRECT : each.to) === room && each.sender !== me)
  .reduce((last, each) => (each.ts > last ? each.ts : last), "");
const isNew = (me, room) => newest(me, room) > (seen.get(`${me} ${room}`) ?? "");

// Where words go that are typed now.
export const whereTo = () => (state.room === DIRECT || state.room === HOME ? state.me : state.room);

export function goTo(room) {
  state.room = room;
  draw();
  take({ type: "room" });
}

function draw() {
  const channel = state.channels.find((each) => each.id === state.room), isHome = state.room === HOME;
  byId("room-name").textContent = channel ? `# ${channel.name}` : isHome ? "DoorBot: Home" : "DoorBot: messages";
  byId("room-about").textContent = channel ? "What DoorBot asks and tells everybody" : isHome ? `As ${person(state.me).name} sees it` : `Only ${person(state.me).name} reads these`;
  byId("home").hidden = !isHome;
  byId("messages").hidden = isHome;
  if (isHome) openHome();
  else drawMessages();
  drawRooms();
}

function openHome() {
  drawHome();
  act("open-home", { user: state.me });
}

function drawHome() {
  const html = state.homes[state.me];
  const had = byId("home").contains(document.activeElement) ? document.activeElement.closest("[data-id]")?.dataset.id : null;
  byId("home").replaceChildren(...(html ? nodes(html) : [element("p", { class: "empty" }, "One moment, DoorBot is drawing it …")]));
  if (had) (byId("home").querySelector(`[data-id="${CSS.escape(had)}"]`) ?? byId("home")).focus();
}

function inRoom() {
  const found = [...state.messages.values()].filter((each) => isMine(each, state.me) && roomOf(each) === state.room);
  const first = (message) => message.thread ?? message.ts;
  return found.sort((one, other) => (first(one) + one.ts < first(other) + other.ts ? -1 : 1));
}

function drawMessages() {
  const found = inRoom();
  const nothing = element("p", { class: "empty" }, state.room === DIRECT ? "Nothing yet. DoorBot writes here what concerns you alone." : "Nothing yet. Type /frontdoor, or ring at the door.");
  byId("messages").replaceChildren(...(found.length ? found.map(drawn) : [nothing]));
  toEnd(byId("messages"));
  look();
}

function drawn(message) {
  const at = new Date(message.at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: state.clock.zone });
  const badge = message.sender === "doorbot" && element("span", { class: "app" }, "APP");
  const only = message.only && element("p", { class: "only" }, icon(EYE), " Only visible to you");
  return element("article", { class: `message${message.thread ? " reply" : ""}${message.only ? " private" : ""}`, "data-message": message.ts },
    face(message.sender),
    element("div", { class: "said" },
      only,
      element("p", { class: "by" }, element("b", {}, nameOf(message.sender)), badge, element("time", { datetime: message.at }, at), message.edited && element("span", { class: "edited" }, "edited")),
      element("div", { class: "body" }, nodes(message.html))),
  );
}

// One message is new, changed or gone: the others stay as they are, so that nothing is read out twice.
function changed(message) {
  const box = byId("messages"), there = box.querySelector(`[data-message="${CSS.escape(message.ts)}"]`);
  if (isMine(message, state.me) && roomOf(message) === state.room) {
    const wasAtEnd = isAtEnd(box), had = there?.contains(document.activeElement);
    if (message.gone) there?.remove();
    else if (there) there.replaceWith(drawn(message));
    else insert(box, message);
    if (had) box.focus();
    if (wasAtEnd) toEnd(box);
    look();
  }
  drawRooms();
}

function insert(box, message) {
  box.querySelector(".empty")?.remove();
  const order = inRoom(), after = order[order.findIndex((each) => each.ts === message.ts) + 1];
  const before = after && box.querySelector(`[data-message="${CSS.escape(after.ts)}"]`);
  const node = drawn(message);
  node.classList.add("is-new");
  box.insertBefore(node, before ?? null);
}

function look() {
  seen.set(`${state.me} ${state.room}`, newest(state.me, state.room));
}

function drawRooms() {
  const rooms = [...state.channels.map((each) => [each.id, `# ${each.name}`]), [DIRECT, "DoorBot"], [HOME, "DoorBot’s Home"]];
  const rows = rooms.map(([room, name]) => {
    const isHere = room === state.room, news = !isHere && room !== HOME && isNew(state.me, room);
    const dot = news && element("span", { class: "dot" }, element("span", { class: "unseen" }, "new"));
    return element("li", {}, element("button", { type: "button", "data-room": room, "aria-current": isHere ? "page" : null, onclick: () => goTo(room) }, name, dot));
  });
  const had = document.activeElement?.dataset?.room;
  byId("rooms").replaceChildren(...rows);
  if (had) byId("rooms").querySelector(`[data-room="${CSS.escape(had)}"]`)?.focus();
  for (const each of state.people) {
    const dot = byId(`news-${each.id}`);
    if (dot) dot.hidden = each.id === state.me || !isNew(each.id, DIRECT);
  }
}

export function start() {
  on("snapshot", draw);
  on("me", draw);
  on("message", changed);
  on("home", (event) => { if (event.user === state.me && state.room === HOME) drawHome(); });
}

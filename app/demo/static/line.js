// The line between the panel and the server: what sounds on it is played, spoken, written, and listened to by the panel.
import { courier, doorIsOpen, open } from "./doorway.js";
import { listener } from "./ear.js";
import { byId, element, toEnd } from "./html.js";
import { digitsOf, fetched, sound } from "./sounds.js";
import { on, state, take, theCall } from "./state.js";
import { hush, speak } from "./voice.js";

const MOST_LINES = 120;
let stop = () => {}, playing = 0;
let follows = true, top = 0; // until somebody scrolls up to read

const box = () => byId("heard");

export function write(text, kind = "") {
  box().append(element("p", { class: kind }, text));
  while (box().children.length > MOST_LINES) box().firstChild.remove();
  if (follows) toEnd(box());
}

const releaseOf = (call) => (state.doors.find((door) => door.id === call?.door) ?? state.doors[0]).release;

// Let samples sound at the panel, which listens.
export function play(samples, call, late = 0) {
  stop();
  let times = 0; // that it took the right key
  const ear = listener((said, found) => {
    const isRight = found.verdict === "heard" && found.key === releaseOf(call);
    const so = isRight ? (times > 1 ? " I stay open." : " I open.") : found.verdict === "heard" ? " That key is not mine." : "";
    write(`The panel: “${said}${so}”`, isRight ? "panel-says good" : "panel-says");
  }, (key) => {
    if (key !== releaseOf(call)) return;
    open();
    times++;
    if (times === 1) take({ type: "opened" });
  });
  stop = sound(samples, ear, late);
}

// Whose telephone this is; the number where nobody's is known.
const calledAs = (number) => state.telephones.find((each) => each.number === number.replaceAll(" ", ""))?.name ?? number;

const HEAR = {
  say(event) { write(`“${event.text}”`, "voice"); speak(event.text, event.language); },
  tone(event, call) { write(`♪ ${event.digits.replaceAll("w", "… ")} (tones)`, "tone"); hush(); play(digitsOf(event.digits), call); },
  async play(event, call) {
    write("♪ a sound of DoorBot’s own", "tone");
    hush();
    const mine = ++playing, asked = performance.now();
    try {
      const samples = await fetched(event.url);
      if (mine === playing) play(samples, call, (performance.now() - asked) / 1000);
    } catch (error) {
      write(`The playground can’t play this sound: ${error.message}`, "unknown");
    }
  },
  prompt() { write("(keys are awaited)", "small"); },
  dialling() { write("The telephones ring.", "note"); },
  talk(event) { write(`Talks with ${calledAs(event.text)}.`, "note"); hush(); },
  note(event) { if (!/goes to the telephones|hangs up/.test(event.text)) write(event.text.replace(/https?:\/\/[^/ ]+/g, "").replace(/^is /, "The call is "), "small"); },
  unknown(event) { write(`The playground does not understand this TwiML: ${event.text}`, "unknown"); },
};

function hear(event) {
  const call = state.calls.get(event.call);
  if (call || event.what === "ended") HEAR[event.what]?.(event, call);
}

function changed(call) {
  if (call.state === "ringing") {
    box().replaceChildren();
    write("Somebody rings; the intercom calls.", "note");
    courier("waits");
  } else if (call.state === "ended") {
    playing++;
    stop();
    if (call.ended_by === "visitor") hush();
    write({ visitor: "The visitor hung up.", error: "The call broke off." }[call.ended_by] ?? "The call is over.", "note");
    if (!doorIsOpen()) courier("");
  }
}

// Whoever comes back finds the call as it is now; what sounded before is over.
function draw() {
  const call = theCall();
  if (!doorIsOpen()) courier(call ? "waits" : "");
  if (call && !box().children.length) write("Somebody is at the door. What they heard before this page was opened is not written here.", "note");
}

function scrolled() {
  follows = box().scrollHeight - box().scrollTop - box().clientHeight < 8 || (follows && box().scrollTop >= top);
  top = box().scrollTop;
}

export function start() {
  box().addEventListener("scroll", scrolled);
  new ResizeObserver(() => { if (follows) toEnd(box()); }).observe(box()); // telephones that ring take room from it
  on("snapshot", draw);
  on("heard", hear);
  on("call", changed);
}

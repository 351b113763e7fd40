// What the tour does for somebody: the same as their own hands would, at the same places, so that it can be watched.
import { goTo } from "./chat.js";
import { type } from "./composer.js";
import { setPanel } from "./ear.js";
import { byId, isStill } from "./html.js";
import { press, ring } from "./intercom.js";
import { be } from "./people.js";
import { act } from "./server.js";
import { state, theCall } from "./state.js";
import { stateOf, use } from "./telephones.js";

const LOOKS_EVERY = 0.1;

export const pause = (seconds) => new Promise((go) => { setTimeout(go, seconds * 1000); });

// Wait until something is so; false where it does not come to it.
export async function until(isSo, seconds = 20) {
  for (let left = seconds; left > 0; left -= LOOKS_EVERY) {
    if (isSo()) return true;
    await pause(LOOKS_EVERY);
  }
  return false;
}

const buttonOf = (label) => [...byId("messages").querySelectorAll("[data-message] button")].reverse().find((each) => each.textContent.trim() === label);

// On a small screen, look at where something is done.
const lookAt = (place) => { if (matchMedia("(max-width: 63.99rem)").matches) byId(place).scrollIntoView({ behavior: isStill() ? "auto" : "smooth" }); };

export const hands = {
  pause,
  until,
  setPanel,
  // Somebody at the keyboard, in the channel.
  async types(user, ...commands) {
    lookAt("chat");
    be(user);
    goTo(state.channels[0].id);
    for (const command of commands) {
      await type(`/frontdoor ${command}`, pause);
      await pause(0.8);
    }
  },
  async presses(user, label) {
    lookAt("chat");
    be(user);
    goTo(state.channels[0].id);
    if (!(await until(() => buttonOf(label), 3)) && !theCall()) {
      await ring();
      await until(() => buttonOf(label), 10);
    }
    const button = buttonOf(label);
    button?.focus({ preventScroll: true });
    await pause(0.5);
    button?.click();
    lookAt("door");
  },
  // Somebody at the panel; who was there before has gone.
  async rings() {
    lookAt("door");
    await until(() => !theCall(), 9);
    if (theCall()) await act("hang-up", { call: theCall().sid });
    await until(() => !theCall(), 5);
    const answer = await ring();
    if (answer) await until(() => state.calls.has(answer.call), 3); // it is told of it a moment later
  },
  async keys(digits) {
    await until(() => theCall()?.state === "answered", 10);
    await pause(1.5);
    for (const digit of digits) {
      press(digit);
      await pause(0.3);
    }
  },
  async picksUp(...keys) {
    lookAt("door");
    const { number } = state.telephones[0];
    if (!(await until(() => stateOf(number) === "ringing", 40))) return;
    await pause(1.2);
    await use(number, "answer");
    await until(() => stateOf(number) === "prompt", 15);
    for (const key of keys) await use(number, "key", key);
  },
  async hangsUpAfter(seconds) {
    const { number } = state.telephones[0];
    await pause(seconds);
    if (stateOf(number) === "talking") await use(number, "hang-up");
  },
  // The newest access code that was shown.
  code() {
    const found = [...state.messages.values()].map((each) => /: (\d{3}) (\d{3})\./.exec(each.text)).filter(Boolean).at(-1);
    return found ? found[1] + found[2] : "";
  },
  moves: (preset) => act("clock", { preset }),
};

// Begins everything, and connects the switches at the top.
import * as chat from "./chat.js";
import * as clock from "./clock.js";
import * as composer from "./composer.js";
import * as dialogs from "./dialogs.js";
import * as ear from "./ear.js";
import { byId } from "./html.js";
import * as intercom from "./intercom.js";
import * as line from "./line.js";
import "./menu.js";
import * as people from "./people.js";
import "./presses.js";
import * as record from "./record.js";
import { act, listen } from "./server.js";
import { setSounds } from "./sounds.js";
import { take } from "./state.js";
import * as telephones from "./telephones.js";
import * as tour from "./tour.js";
import { setVoice } from "./voice.js";

// A switch, as it was left the last time.
function remembered(id, set) {
  const input = byId(id);
  try { input.checked = localStorage.getItem(id) !== "off"; } catch { /* on, then */ }
  const changed = () => {
    set(input.checked);
    try { localStorage.setItem(id, input.checked ? "on" : "off"); } catch { /* not kept */ }
  };
  input.addEventListener("change", changed);
  set(input.checked);
}

remembered("sound-switch", setSounds);
remembered("voice-switch", setVoice);
byId("start-over").addEventListener("click", async () => {
  const texts = { title: "Start over?", text: "Messages, codes, schedules and the record are forgotten, and the clock goes back.", confirm: "Start over", deny: "Go on here", style: "danger" };
  if (!(await dialogs.ask(texts))) return;
  byId("start-over").disabled = true;
  if (await act("start-over")) {
    byId("heard").replaceChildren();
    ear.setPanel("well");
    tour.restart();
  }
  byId("start-over").disabled = false;
});
for (const each of [people, chat, composer, dialogs, ear, intercom, line, telephones, record, clock, tour]) each.start();
listen(take);

// The playground's clock, which can be moved forward.
import { byId, element } from "./html.js";
import { act } from "./server.js";
import { on, state } from "./state.js";

export const move = (preset) => act("clock", { preset });

function draw() {
  const clock = state.clock;
  byId("clock-words").textContent = clock.local;
  const options = byId("clock-options");
  if (!options.hidden) return; // not while somebody chooses
  options.replaceChildren(
    ...clock.presets.map(({ id, label }) => element("button", { type: "button", role: "menuitem", tabindex: "-1", onclick: () => move(id) }, label)),
  );
  byId("clock").title = `The office is in ${clock.zone}. The clock only moves forward.`;
}

export function start() {
  on("snapshot", draw);
  on("clock", draw);
}

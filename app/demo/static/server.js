// What the page asks of the playground, and what it is told.
import { byId } from "./html.js";
import { tell } from "./notices.js";

// Do something; the answer, or null where it was refused, which has been said then.
export async function act(what, fields = {}) {
  try {
    const answer = await fetch(`/playground/${what}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Playground": "1" },
      body: JSON.stringify(fields),
    });
    const said = await answer.json();
    if (said.ok) return said;
    tell(said.say);
  } catch {
    tell("That didn't reach the playground. Does it still run in your terminal?");
  }
  return null;
}

// Everything as it is, then each change; the browser connects again by itself.
export function listen(take) {
  const source = new EventSource("/playground/events"), lost = byId("lost");
  source.addEventListener("message", (event) => take(JSON.parse(event.data)));
  source.addEventListener("open", () => { lost.hidden = true; });
  source.addEventListener("error", () => {
    if (lost.hidden) take({ type: "lost" });
    lost.textContent = "The playground does not answer. If it was ended, start it with make demo; this page goes on then.";
    lost.hidden = false;
  });
}

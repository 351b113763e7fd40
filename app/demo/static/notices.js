// Short sentences at the edge of the page, which go away by themselves.
import { byId, element } from "./html.js";

const SECONDS = 7;

export function tell(sentence) {
  const notice = element("p", { class: "notice" }, sentence);
  byId("notices").append(notice);
  setTimeout(() => notice.remove(), SECONDS * 1000);
}

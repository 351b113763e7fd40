// What a script adds to the log's page: visits open in place, numbers are shown in place, new entries appear by themselves.
"use strict";

(() => {
  const SECONDS = 3, SLOWEST = 60;
  // Text of our own server becomes nodes that never run anything (www.w3.org/TR/trusted-types)
  const policy = window.trustedTypes
    ? trustedTypes.createPolicy("doorbot", { createHTML: (text) => text })
    : { createHTML: (text) => text };
  const nodes = (text) => {
    const parsed = new DOMParser().parseFromString(policy.createHTML(text), "text/html");
    return [...parsed.body.children].map((node) => document.importNode(node, true));
  };
  const ask = (address, options) => fetch(address, { credentials: "same-origin", redirect: "error", ...options });
  const lines = (text) => text.trim().split("\n").join(" ");

  // A visit's whole story
  document.addEventListener("toggle", async (event) => {
    const visit = event.target;
    if (!visit.open || !visit.matches?.("details.visit") || visit.dataset.filled) return;
    visit.dataset.filled = "yes";
    const place = visit.querySelector(".story-place");
    try {
      const answer = await ask(visit.dataset.story);
      const text = await answer.text();
      if (answer.ok) place.replaceChildren(...nodes(text));
      else throw new Error(lines(text));
    } catch (fault) {
      const isOurs = fault.constructor === Error;
      place.replaceChildren(said(isOurs ? fault.message : "That didn't reach the server. Close this and open it again."));
      delete visit.dataset.filled;
    }
  }, true);

  function said(text) {
    const paragraph = document.createElement("p");
    paragraph.textContent = text;
    return paragraph;
  }

  // A whole telephone number
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form.number")) return;
    event.preventDefault();
    const digits = form.querySelector(".digits"), button = form.querySelector("button");
    const last = digits.dataset.last ??= digits.textContent;
    button.disabled = true;
    let text = "That didn't reach the server. Please try again.", isShown = false;
    try {
      const answer = await ask(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      text = lines(await answer.text());
      isShown = answer.ok;
    } catch { /* it is said below */ }
    digits.textContent = isShown ? text : `${last} ${text}`;
    announce(isShown ? `The number is ${text}. That you looked at it is on record.` : text);
    button.disabled = false;
    if (!isShown) return button.focus();
    digits.tabIndex = -1;
    digits.focus();
    button.remove();
  });

  // Addresses without what was left empty
  document.querySelector("form.search")?.addEventListener("submit", (event) => {
    for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
    setTimeout(() => { for (const field of event.target.elements) field.disabled = false; });
  });

  // New entries
  const log = document.getElementById("log"), live = document.getElementById("live");
  const announced = document.getElementById("announced");
  const news = document.getElementById("news"), newsButton = news?.querySelector("button");
  let wait = SECONDS, waiting = [], timer = 0, isAsking = false, isOver = false;

  function announce(text) {
    if (announced) announced.textContent = text;
  }

  function state(text, isOff) {
    live.hidden = false;
    if (live.textContent !== text) live.textContent = text;
    live.classList.toggle("is-off", isOff);
  }

  const count = (days) => days.reduce((sum, day) => sum + day.querySelectorAll(".entry").length, 0);
  const named = (number) => (number === 1 ? "1 new entry" : `${number} new entries`);

  // Somebody who reads further down, or has put the focus or a selection into the list, keeps what is there in place.
  function isReading() {
    const selection = document.getSelection();
    const selects = selection && !selection.isCollapsed && log.contains(selection.anchorNode);
    return log.getBoundingClientRect().top < 0 || log.contains(document.activeElement) || selects
      || log.querySelector("details[open]") !== null;
  }

  // What was today when the page was made is not any more
  function nameOnly(day) {
    const heading = day.querySelector("h2"), table = day.querySelector("table");
    heading.textContent = table.ariaLabel = heading.textContent.replace(/^(Today|Yesterday) · /, "");
  }

  function insert(days) {
    for (const day of [...days].reverse()) {
      for (const entry of day.querySelectorAll(".entry")) entry.classList.add("is-new");
      const same = [...log.querySelectorAll(".day")].find((each) => each.dataset.day === day.dataset.day);
      if (same) {
        same.querySelector("tbody").prepend(...day.querySelectorAll(".entry"));
      } else {
        for (const each of log.querySelectorAll(".day")) nameOnly(each);
        log.prepend(day);
      }
    }
    document.querySelector(".empty")?.remove();
  }

  function arrived(days) {
    if (!days.length) return;
    const number = count(days) + waiting.reduce((sum, each) => sum + count(each), 0);
    if (!isReading()) {
      announce(`${named(number)}: ${days[0].querySelector(".told").textContent}`);
      insert(days);
      return;
    }
    waiting.push(days);
    newsButton.textContent = `Show ${named(number)}`;
    news.hidden = false;
    announce(`${named(number)}.`);
  }

  newsButton?.addEventListener("click", () => {
    const hadFocus = document.activeElement === newsButton;
    if (isOver === "reload") return location.reload();
    for (const days of waiting) insert(days);
    waiting = [];
    news.hidden = true;
    log.scrollIntoView({ block: "start" });
    if (hadFocus) document.getElementById("content").focus({ preventScroll: true });
  });

  async function look() {
    if (isAsking || isOver) return;
    isAsking = true;
    try {
      const answer = await ask(`${log.dataset.new}${log.dataset.new.includes("?") ? "&" : "?"}after=${log.dataset.cursor}`);
      if (answer.status === 401 || answer.status === 403) {
        isOver = "signed out";
        state(lines(await answer.text()), true);
        announce(live.textContent);
      } else if (answer.status === 409) {
        isOver = "reload";
        newsButton.textContent = "Show what is new";
        news.hidden = false;
        announce(lines(await answer.text()));
      } else if (answer.ok) {
        const days = answer.status === 200 ? nodes(await answer.text()) : [];
        log.dataset.cursor = answer.headers.get("Log-Cursor") || log.dataset.cursor;
        wait = SECONDS;
        state("New entries appear by themselves.", false);
        arrived(days);
      } else {
        failed();
      }
    } catch {
      failed();
    } finally {
      isAsking = false;
      again();
    }
  }

  function failed() {
    wait = Math.min(wait * 2, SLOWEST);
    state("The server can't be reached right now. I keep trying.", true);
  }

  function again() {
    clearTimeout(timer);
    if (!isOver && document.visibilityState === "visible") timer = setTimeout(look, wait * 1000 * (0.9 + Math.random() / 5));
  }

  if (log?.dataset.new) {
    state("New entries appear by themselves.", false);
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") look(); });
    again();
  }
})();

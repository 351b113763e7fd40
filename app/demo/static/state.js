// What is known, and who wants to hear of changes.

export const state = {
  people: [], channels: [], doors: [], telephones: [], messages: new Map(), homes: {}, views: {}, calls: new Map(),
  entries: [], clock: null, guide: "", me: "", room: "",
};
const listeners = new Map();

export function on(type, heard) {
  listeners.set(type, [...(listeners.get(type) ?? []), heard]);
}

// Keep an event, then tell whoever listens for its kind.
export function take(event) {
  KEEP[event.type]?.(event);
  for (const heard of listeners.get(event.type) ?? []) heard(event);
}

const KEEP = {
  snapshot(event) {
    const { type, messages, calls, ...rest } = event;
    Object.assign(state, rest);
    state.messages = new Map(messages.map((message) => [message.ts, message]));
    state.calls = new Map(calls.map((call) => [call.sid, call]));
    state.me ||= state.people.find((person) => person.role === "host")?.id ?? state.people[0].id;
    state.room ||= state.channels[0].id;
  },
  message(event) {
    if (event.gone) state.messages.delete(event.ts);
    else state.messages.set(event.ts, event);
  },
  home(event) { state.homes[event.user] = event.html; },
  view(event) { state.views[event.user] = event.view; },
  call(event) {
    if (event.state === "ended") state.calls.delete(event.sid);
    else state.calls.set(event.sid, event);
  },
  entry(event) { state.entries.push(event); },
  clock(event) { state.clock = event; },
};

// Who somebody is.
export const person = (id) => state.people.find((each) => each.id === id);
// The call at the door, if there is one.
export const theCall = () => [...state.calls.values()].at(-1);

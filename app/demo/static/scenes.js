// The tour: the office manager's day, scene by scene. `go` does it; `until` names the event, and which one it must be,
// by which it is known to be done, whoever did it.

const HAL = "U0HOST001", ADA = "U0ADMIN01";
const opened = ["opened", () => true];
const recorded = (action) => ["entry", (entry) => entry.action === action && entry.outcome === "done"];

export const SCENES = [
  {
    title: "A courier rings at a locked door",
    text: "Press the bell on the panel. DoorBot takes the call, and asks the people in Slack.",
    go: (hands) => hands.rings(),
    until: ["message", (message) => message.to.startsWith("C") && message.html.includes("Let in")],
  },
  {
    title: "Hal lets the courier in",
    text: "As Hal, press “Let in” under the question. You hear the tone; so does the panel, and the door opens.",
    go: (hands) => hands.presses(HAL, "Let in"),
    until: opened,
  },
  {
    title: "The lunch couriers come",
    text: "Forty of them, between eleven and two. Hal types one line: /frontdoor unlock for 1h",
    go: (hands) => hands.types(HAL, "unlock for 1h"),
    until: recorded("unlock"),
  },
  {
    title: "Nobody has to do anything",
    text: "Ring again. The door opens in less time than it takes to find a phone.",
    go: (hands) => hands.rings(),
    until: opened,
  },
  {
    title: "An old panel, hard of hearing",
    text: "Set the panel to “only long tones”, and ring. It stays shut. But couriers ring again, and DoorBot then sounds a stronger tone each time. (/frontdoor tone finds the right one for good.)",
    async go(hands) {
      hands.setPanel("long");
      for (let times = 0, isOpen = false; times < 4 && !isOpen; times++) {
        await hands.rings();
        isOpen = await hands.untilCallEnds();
      }
    },
    until: opened,
  },
  {
    title: "Most days are alike",
    text: "So nobody need type anything: a schedule releases rings by itself, in working hours. /frontdoor schedule add mon-fri 11:00-14:00",
    async go(hands) {
      hands.setPanel("well");
      await hands.types(HAL, "lock", "schedule add mon-fri 08:00-18:00 called deliveries");
    },
    until: recorded("add_schedule"),
  },
  {
    title: "A fire drill",
    text: "One word of an admin, and nothing releases the door: no unlock, no schedule, no host. Be Ada, and type /frontdoor lockdown fire drill",
    go: (hands) => hands.types(ADA, "lockdown fire drill"),
    until: recorded("lock_down"),
  },
  {
    title: "Whoever rings now still reaches a human",
    text: "Ring: the telephones ring at once. Answer one, hear who calls, and press 1 to talk. 9 does nothing in a lockdown.",
    async go(hands) {
      await hands.rings();
      await hands.picksUp("1");
      await hands.hangsUpAfter(6);
    },
    until: ["telephone", (event) => event.state === "talking"],
  },
  {
    title: "The drill is over",
    text: "Ada types /frontdoor lift. Everything that was in force before counts again.",
    go: (hands) => hands.types(ADA, "lift"),
    until: recorded("lift"),
  },
  {
    title: "A parcel is to come later",
    text: "Hal takes the schedule away again, and makes an access code, which is shown only once: /frontdoor code issue Parcel for 1h",
    go: (hands) => hands.types(HAL, "schedule remove 1", "code issue Parcel for 1h"),
    until: recorded("issue_code"),
  },
  {
    title: "Its courier keys it in",
    text: "Ring, and key in the six digits while you are held.",
    async go(hands) {
      if (!hands.code()) await hands.types(HAL, "code issue Parcel for 1h"); // the scene before was skipped
      await hands.rings();
      await hands.keys(hands.code());
    },
    until: opened,
  },
  {
    title: "It is Saturday",
    text: "Move the clock, at the top, to Saturday. The office is closed, so a ring goes to the telephones: pick up, and press 9.",
    async go(hands) {
      await hands.untilCallEnds();
      await hands.moves("saturday");
      await hands.rings();
      await hands.picksUp("9");
    },
    until: opened,
  },
  {
    title: "Who came, and why were they let in?",
    text: "All of it is on record, below. Admins read it on a page of its own, sealed against changes: as Ada, type /frontdoor log and open the link.",
    go: (hands) => hands.types(ADA, "log"),
    until: ["message", (message) => message.only === ADA && message.text.includes("Open the whole log")],
  },
];

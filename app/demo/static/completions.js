// What can be typed after /frontdoor, with what it does. The product's own help has all of it: /frontdoor help.

const COMMANDS = [
  ["", "shows the door's state", "member"],
  ["unlock for 1h", "releases every ring for an hour", "host"],
  ["unlock until 14:00", "releases every ring until then", "host"],
  ["unlock once expecting DoorDash", "releases the next ring only", "host"],
  ["lock", "ends all that at once", "host"],
  ["code issue Parcel for 1h", "makes an access code, shown once", "host"],
  ["code", "lists the codes", "host"],
  ["code revoke Parcel", "ends a code", "host"],
  ["schedule add mon-fri 11:00-14:00 called lunch", "releases rings by itself", "host"],
  ["schedule", "lists what is planned", "host"],
  ["schedule remove 1", "ends a schedule", "host"],
  ["schedule closed tomorrow", "takes a day away", "host"],
  ["tone", "finds a tone that opens the door", "host"],
  ["tone reset", "goes back to the usual tone", "host"],
  ["lockdown fire drill", "nothing releases the door", "admin"],
  ["lift", "ends a lockdown", "admin"],
  ["grant @Mia until friday", "makes Mia a host", "admin"],
  ["revoke @Mia", "takes every role away", "admin"],
  ["people", "says who may do what", "host"],
  ["report", "sums up the last seven days", "host"],
  ["log", "shows who came, and links to the log", "admin"],
  ["help", "shows what you can type", "member"],
];
const ROLES = ["guest", "member", "host", "admin"];

// What fits the words so far; what this role may not do stands at the end, and says so.
export function completions(words, role) {
  if (!words.startsWith("/") || !"/frontdoor ".startsWith(words.slice(0, 11))) return [];
  const typed = words.slice(11).toLowerCase();
  const may = ([, , needed]) => ROLES.indexOf(role) >= ROLES.indexOf(needed);
  return COMMANDS.filter(([text]) => text.toLowerCase().startsWith(typed) && text.toLowerCase() !== typed)
    .sort((one, other) => may(other) - may(one))
    .map((each) => ({ text: `/frontdoor ${each[0]}`.trim(), about: may(each) ? each[1] : `${each[1]} (${each[2]}s only)` }));
}

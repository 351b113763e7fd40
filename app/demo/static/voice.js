// The voice on the line, spoken by the browser where it can speak; it is always written too.

let isOn = true;

export function setVoice(on) {
  isOn = on;
  if (!on) hush();
}

export function speak(text, language) {
  if (!isOn || !window.speechSynthesis || !text) return;
  hush();
  const said = new SpeechSynthesisUtterance(text);
  said.lang = language || "en-US";
  said.rate = 1.05;
  speechSynthesis.speak(said);
}

export const hush = () => window.speechSynthesis?.cancel();

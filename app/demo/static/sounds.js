// Sounds: made of samples, audible where the browser lets us, and always handed on as they sound.
import { COLUMNS, KEYS, RATE, ROWS } from "./hearing.js";

const KEY_SECONDS = 0.1, GAP_SECONDS = 0.1, WAIT_SECONDS = 0.5; // of <Play digits>, as measured at Twilio
const AMPLITUDE = 0.2136; // of each of the two tones
const SLICE_MS = 20;
const VOLUME = 0.4;

let context = null, isOn = true;

// A browser lets us be heard after the first click or key; it complains about who tries before.
function audible() {
  if (!isOn || !window.AudioContext || navigator.userActivation?.hasBeenActive === false) return null;
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
  return context;
}
for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, audible, { capture: true });

export function setSounds(on) {
  isOn = on;
  if (on) context?.resume();
  else context?.suspend();
}

// The samples of keys as Twilio sounds them; w is half a second of quiet.
export function digitsOf(digits) {
  const parts = [...digits].map((key) => (key === "w" ? new Float32Array(WAIT_SECONDS * RATE) : keyOf(key)));
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function keyOf(key) {
  const at = KEYS.indexOf(key), made = new Float32Array((KEY_SECONDS + GAP_SECONDS) * RATE);
  const low = (2 * Math.PI * ROWS[Math.floor(at / 3)]) / RATE, high = (2 * Math.PI * COLUMNS[at % 3]) / RATE;
  for (let each = 0; each < KEY_SECONDS * RATE; each++) made[each] = AMPLITUDE * (Math.sin(low * each) + Math.sin(high * each));
  return made;
}

// The samples of a sound at an address, as a telephone's line carries them.
export async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`The sound at ${address} is not there (${answer.status}).`);
  const decoder = new OfflineAudioContext(1, 1, RATE);
  return (await decoder.decodeAudioData(await answer.arrayBuffer())).getChannelData(0);
}

// Sound samples, and hand them to `ear` as they pass; `late`: seconds that are over already. Returns what stops it.
export function sound(samples, ear, late = 0) {
  const stopHearing = audibly(samples, late), began = performance.now() - late * 1000;
  let told = 0;
  const timer = setInterval(pass, SLICE_MS);
  function pass() {
    const now = Math.min(samples.length, Math.floor(((performance.now() - began) * RATE) / 1000));
    if (now > told) ear?.hear(samples.subarray(told, now));
    told = Math.max(told, now);
    if (told === samples.length) stop();
  }
  function stop() {
    clearInterval(timer);
    stopHearing();
    ear?.end();
    ear = null;
  }
  return stop;
}

function audibly(samples, late) {
  const where = audible();
  if (!where) return () => {};
  const buffer = where.createBuffer(1, samples.length, RATE), source = where.createBufferSource(), volume = where.createGain();
  buffer.copyToChannel(samples, 0);
  source.buffer = buffer;
  volume.gain.value = VOLUME;
  source.connect(volume).connect(where.destination);
  source.start(0, late);
  let isOver = false;
  source.addEventListener("ended", () => { isOver = true; });
  return () => { if (!isOver && samples.length / RATE > 0) setTimeout(() => { if (!isOver) source.stop(); }, 60); };
}

// Notes that are not on the line: [frequency, from, seconds], softly.
export function notes(list, loudness = 0.08, shape = "sine") {
  const where = audible();
  if (!where) return () => {};
  const made = list.map(([frequency, from, seconds]) => {
    const tone = where.createOscillator(), volume = where.createGain(), at = where.currentTime + from;
    tone.type = shape;
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(loudness, at + 0.01);
    volume.gain.setValueAtTime(loudness, at + Math.max(0.01, seconds - 0.03));
    volume.gain.linearRampToValueAtTime(0, at + seconds);
    tone.connect(volume).connect(where.destination);
    tone.start(at);
    tone.stop(at + seconds);
    return tone;
  });
  return () => { for (const tone of made) tone.stop(); };
}

export const keyBeep = (key) => sound(digitsOf(key).subarray(0, 0.08 * RATE), null);
export const chime = () => notes([[659, 0, 0.35], [523, 0.28, 0.5]]);
export const buzz = () => notes([[98, 0, 0.7], [147, 0, 0.7]], 0.06, "sawtooth");
export const clack = () => notes([[140, 0, 0.06], [90, 0.05, 0.09]], 0.15, "triangle");

// Ringing, until it is stopped: two notes, two seconds of four.
export function ringing(frequencies, loudness = 0.03) {
  const once = () => notes(frequencies.map((each) => [each, 0, 1.6]), loudness);
  let stop = once();
  const timer = setInterval(() => { stop = once(); }, 4000);
  return () => { clearInterval(timer); stop(); };
}

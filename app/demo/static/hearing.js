// The panel's ear: finds keys in samples by Goertzel's algorithm (ITU-T Q.23 and Q.24), as deaf as it is set to be.
// It knows nothing of the server: only what sounds on the line.

export const RATE = 8000; // samples a second: a telephone's
export const ROWS = [697, 770, 852, 941], COLUMNS = [1209, 1336, 1477];
export const KEYS = "123456789*0#";

const WINDOW = 160, STEP = 80; // samples: 20 ms are listened to at once, every 10 ms
const STEP_MS = (1000 * STEP) / RATE;
const FAINTEST_DB = -48; // below this there is nothing but the line's own noise
const PURE = 0.6; // so much of all that sounds must be the two tones: speech is not
const CLEARER = 4; // by so much more power than its neighbours
const TWIST = 6.3; // at most, between the two tones
const GAP_MS = 30; // a tone that is away for less goes on

// The power of one frequency in a window, as that of a sine's amplitude squared.
function power(samples, from, frequency) {
  const turn = 2 * Math.cos((2 * Math.PI * frequency) / RATE);
  let one = 0, two = 0;
  for (let at = from; at < from + WINDOW; at++) {
    const next = samples[at] + turn * one - two;
    two = one;
    one = next;
  }
  return ((one * one + two * two - turn * one * two) * 4) / (WINDOW * WINDOW);
}

function clearest(powers) {
  const order = powers.map((value, at) => [value, at]).sort(([a], [b]) => b - a);
  return { at: order[0][1], power: order[0][0], isClear: order[0][0] > CLEARER * order[1][0] };
}

// The key that sounds in a window, and how loud: in dB below a full-scale sine. Null for anything else.
export function keyIn(samples, from = 0) {
  let all = 0;
  for (let at = from; at < from + WINDOW; at++) all += samples[at] * samples[at];
  const whole = (2 * all) / WINDOW;
  if (10 * Math.log10(whole + 1e-12) < FAINTEST_DB) return null;
  const row = clearest(ROWS.map((each) => power(samples, from, each)));
  const column = clearest(COLUMNS.map((each) => power(samples, from, each)));
  const both = row.power + column.power, ratio = row.power / column.power;
  if (!row.isClear || !column.isClear || both < PURE * whole || ratio > TWIST || ratio < 1 / TWIST) return null;
  return { key: KEYS[row.at * 3 + column.at], level: 10 * Math.log10(both) };
}

// Listens to samples as they come. `found` is told of each key when it ends, `opens` once a key is long and loud enough.
export class Ear {
  constructor({ threshold, shortest, misses }, { found, opens }) {
    Object.assign(this, { threshold, shortest, misses, found, opens });
    this.heard = 0; // milliseconds of this sound
    this.rest = new Float32Array(0);
    this.run = null;
  }

  hear(samples) {
    const all = new Float32Array(this.rest.length + samples.length);
    all.set(this.rest);
    all.set(samples, this.rest.length);
    let from = 0;
    for (; from + WINDOW <= all.length; from += STEP) this.step(keyIn(all, from));
    this.rest = all.slice(from);
  }

  step(now) {
    this.heard += STEP_MS;
    if (this.run && now?.key === this.run.key) this.goesOn(now);
    else if (this.run && !now && this.run.quiet < GAP_MS) this.run.quiet += STEP_MS;
    else {
      this.end();
      if (now) {
        const attended = this.heard > this.misses ? STEP_MS : 0; // a window is longer than a step
        this.run = { key: now.key, ms: STEP_MS, attended, level: -99, quiet: 0, opened: false };
        this.goesOn(now);
      }
    }
  }

  goesOn(now) {
    const run = this.run;
    run.quiet = 0;
    run.ms += STEP_MS;
    run.level = Math.max(run.level, now.level);
    if (this.heard > this.misses) run.attended += STEP_MS;
    if (!run.opened && run.level >= this.threshold && run.attended >= this.shortest) {
      run.opened = true;
      this.opens(run.key);
    }
  }

  // Nothing more comes: say what was heard.
  end() {
    const run = this.run;
    this.run = null;
    if (!run || run.ms < 20) return;
    const verdict = run.opened ? "heard" : run.attended === 0 ? "missed" : run.level < this.threshold ? "faint" : "short";
    this.found({ key: run.key, ms: Math.round(run.ms), attended: Math.round(run.attended), level: Math.round(run.level), verdict });
  }
}

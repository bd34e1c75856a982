// Numbers, durations and sizes, short and aligned. hpweb/templatetags/ui.py writes the same forms on the server; both
// are tested against tests/js/format_cases.json.

const NONE = "–";
/** @type {Record<string, string>} */
const NAMED = { nan: "NaN", inf: "∞", "-inf": "−∞" };
const DIGITS = 4;
const WHOLE = 1e15;
const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

const minus = (/** @type {string} */ text) => text.replaceAll("-", "−");

/** @param {number} value @param {boolean} pad keep trailing zeros @returns {string} */
function short(value, pad) {
  if (Number.isNaN(value)) return NAMED.nan;
  if (!Number.isFinite(value)) return value > 0 ? NAMED.inf : NAMED["-inf"];
  if (value === 0) return "0";
  const [digits, power] = value.toExponential(DIGITS - 1).split("e");
  const exponent = Number(power);
  const trim = (/** @type {string} */ text) => (pad || !text.includes(".") ? text : text.replace(/\.?0+$/, ""));
  if (exponent >= -4 && exponent < 6) {
    // toPrecision rounds as toExponential did, but writes large numbers with an exponent.
    const places = DIGITS - 1 - exponent;
    const text = places >= 0 ? Number(value.toPrecision(DIGITS)).toFixed(places) : String(Number(value.toPrecision(DIGITS)));
    return minus(trim(text));
  }
  return minus(`${trim(digits)}e${exponent}`);
}

/** A parameter's value: at most four significant digits; words as they are. @param {unknown} value */
export function formatNumber(value) {
  if (value === null || value === undefined) return "none";
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    // JSON does not tell 1 from 1.0, so whole numbers, such as a seed, are written in full.
    return Number.isInteger(value) && Math.abs(value) < WHOLE ? minus(String(value)) : short(value, false);
  }
  return NAMED[String(value)] ?? String(value);
}

/** A measured value: exactly four significant digits. @param {unknown} value a number, "nan", "inf", "-inf" or null */
export function formatMetric(value) {
  if (value === null || value === undefined || value === "") return NONE;
  return typeof value === "number" ? short(value, true) : (NAMED[String(value)] ?? String(value));
}

/** @param {number|null|undefined} value seconds */
export function formatDuration(value) {
  if (typeof value !== "number" || !Number.isFinite(value)) return NONE;
  const exact = Math.max(value, 0);
  if (Number(halfUp(exact, 1)) < 10) return `${halfUp(exact, 1)} s`;
  const seconds = Math.round(exact);
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  const hours = Math.floor(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** @param {number|null|undefined} value bytes */
export function formatSize(value) {
  if (typeof value !== "number") return NONE;
  let amount = value;
  let unit = 0;
  while (amount >= 999.5 && unit < UNITS.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${halfUp(amount, unit && amount < 99.95 ? 1 : 0)} ${UNITS[unit]}`;
}

// toFixed takes the larger of two equally near numbers, as the server does.
/** @param {number} value @param {number} places */
function halfUp(value, places) {
  return value.toFixed(places);
}

/** The number a value stands for: "nan" and the like, and null, are NaN. @param {unknown} value */
export function toNumber(value) {
  if (typeof value === "number") return value;
  if (value === "inf") return Infinity;
  if (value === "-inf") return -Infinity;
  return NaN;
}

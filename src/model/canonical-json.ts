const unusual = /[\\\u0000-\u001f\u007f]/;
const shortInteger = /^(?:0|-?[1-9]\d{0,14})$/;
const quote = 34;
const comma = 44;
const colon = 58;
const openArray = 91;
const closeArray = 93;
const openObject = 123;
const closeObject = 125;

/**
 * True where `JSON.stringify(JSON.parse(text))` is surely `text` again and no key begins like one of our marks. It looks
 * at the text instead of building the value, which takes a fifth of the time; where it says false, nothing is known.
 */
export function isSurelyCanonicalJson(text: string): boolean {
  if (unusual.test(text)) return false;
  return endOfValue(text, 0, 0) === text.length;
}

const nowhere = -1;
const deepest = 50;

/** Place behind the value that begins at `start`, -1 where it is not surely canonical. */
function endOfValue(text: string, start: number, depth: number): number {
  const first = text.charCodeAt(start);
  if (first === quote) return text.indexOf('"', start + 1) + 1 || nowhere;
  if (first === openObject || first === openArray) {
    if (depth === deepest) return nowhere;
    return first === openObject ? endOfObject(text, start + 1, depth + 1) : endOfArray(text, start + 1, depth + 1);
  }
  let end = start;
  while (end < text.length && !isEnd(text.charCodeAt(end))) end += 1;
  return isPlain(text.slice(start, end)) ? end : nowhere;
}

function endOfArray(text: string, start: number, depth: number): number {
  if (text.charCodeAt(start) === closeArray) return start + 1;
  for (let at = start; ;) {
    at = endOfValue(text, at, depth);
    const next = at < 0 ? at : text.charCodeAt(at);
    if (next === closeArray) return at + 1;
    if (next !== comma) return nowhere;
    at += 1;
  }
}

function endOfObject(text: string, start: number, depth: number): number {
  if (text.charCodeAt(start) === closeObject) return start + 1;
  const keys: string[] = [];
  for (let at = start; ;) {
    if (text.charCodeAt(at) !== quote) return nowhere;
    const end = text.indexOf('"', at + 1);
    const key = text.slice(at + 1, end);
    // Keys like numbers change their place, of equal keys one is lost; long objects are better compared as a whole.
    if (end < 0 || !/^[A-Za-z]/.test(key) || keys.length > 30 || keys.includes(key)) return nowhere;
    if (text.charCodeAt(end + 1) !== colon) return nowhere;
    keys.push(key);
    at = endOfValue(text, end + 2, depth);
    const next = at < 0 ? at : text.charCodeAt(at);
    if (next === closeObject) return at + 1;
    if (next !== comma) return nowhere;
    at += 1;
  }
}

function isEnd(code: number): boolean {
  return code === comma || code === closeArray || code === closeObject;
}

/** A literal, or a number as JSON.stringify writes it. */
function isPlain(token: string): boolean {
  if (token === 'true' || token === 'false' || token === 'null' || shortInteger.test(token)) return true;
  const value = Number(token);
  return Number.isFinite(value) && !Object.is(value, -0) && String(value) === token;
}

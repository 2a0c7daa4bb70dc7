/**
 * QR codes (ISO/IEC 18004) of bytes at error correction level M, mask 0 to 7 by the penalties of §7.8.3.
 * Enough for addresses: byte mode only, up to 2331 bytes.
 */

/** Level M, by version from 1: code words of correction in a block, and blocks (table 9). */
const correctionWords = [
  ...[10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26],
  ...new Array<number>(19).fill(28),
];
const blockCounts = [
  ...[1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29],
  ...[31, 33, 35, 37, 38, 40, 43, 45, 47, 49],
];
const largest = correctionWords.length;

/** True is dark. */
export type Modules = readonly (readonly boolean[])[];

/** @throws RangeError for more than 2331 bytes */
export function qrModules(text: string): Modules {
  const bytes = Buffer.from(text);
  const version = versionFor(bytes.length);
  const words = withCorrection(dataWords(bytes, version), version);
  let best: { modules: boolean[][]; penalty: number } | null = null;
  for (let mask = 0; mask < 8; mask += 1) {
    const modules = draw(words, version, mask);
    const penalty = penaltyOf(modules);
    if (!best || penalty < best.penalty) best = { modules, penalty };
  }
  return best!.modules;
}

const sizeOf = (version: number): number => version * 4 + 17;

/** Modules that are neither pattern nor information about the code (§7.1), in whole bytes. */
function wordsOf(version: number): number {
  let bits = (16 * version + 128) * version + 64;
  if (version >= 2) {
    const alignments = Math.floor(version / 7) + 2;
    bits -= (25 * alignments - 10) * alignments - 55;
    if (version >= 7) bits -= 36;
  }
  return Math.floor(bits / 8);
}

const dataWordsOf = (version: number): number =>
  wordsOf(version) - correctionWords[version - 1]! * blockCounts[version - 1]!;

const countBits = (version: number): number => (version < 10 ? 8 : 16);

function versionFor(length: number): number {
  for (let version = 1; version <= largest; version += 1) {
    if (4 + countBits(version) + length * 8 <= dataWordsOf(version) * 8) return version;
  }
  throw new RangeError(`${length} bytes do not fit into a QR code`);
}

/** Mode, length, bytes, end and filling (§7.4). */
function dataWords(bytes: Uint8Array, version: number): number[] {
  const bits: number[] = [];
  const put = (value: number, width: number) => {
    for (let bit = width - 1; bit >= 0; bit -= 1) bits.push((value >>> bit) & 1);
  };
  put(0b0100, 4);
  put(bytes.length, countBits(version));
  for (const byte of bytes) put(byte, 8);
  const room = dataWordsOf(version) * 8;
  put(0, Math.min(4, room - bits.length));
  put(0, (8 - (bits.length % 8)) % 8);
  for (let fill = 0xec; bits.length < room; fill ^= 0xec ^ 0x11) put(fill, 8);
  return Array.from({ length: room / 8 }, (_, at) => Number.parseInt(bits.slice(at * 8, at * 8 + 8).join(''), 2));
}

/** Product in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1 (§7.5.2). */
function times(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d);
    product ^= ((b >>> bit) & 1) * a;
  }
  return product;
}

/** Coefficients of (x - 1)(x - 2)(x - 4)…, the highest power left out. */
function generator(degree: number): number[] {
  const result = [...new Array<number>(degree - 1).fill(0), 1];
  let root = 1;
  for (let factor = 0; factor < degree; factor += 1) {
    for (let at = 0; at < degree; at += 1) {
      result[at] = times(result[at]!, root) ^ (result[at + 1] ?? 0);
    }
    root = times(root, 2);
  }
  return result;
}

function remainder(data: readonly number[], divisor: readonly number[]): number[] {
  const result = new Array<number>(divisor.length).fill(0);
  for (const word of data) {
    const factor = word ^ result.shift()!;
    result.push(0);
    for (const [at, coefficient] of divisor.entries()) result[at] = result[at]! ^ times(coefficient, factor);
  }
  return result;
}

/** Blocks with their correction, interleaved (§7.6). Later blocks may be one word longer. */
function withCorrection(data: readonly number[], version: number): number[] {
  const count = blockCounts[version - 1]!;
  const divisor = generator(correctionWords[version - 1]!);
  const short = Math.floor(data.length / count);
  const longFrom = count - (data.length % count);
  const blocks: { data: readonly number[]; correction: readonly number[] }[] = [];
  let at = 0;
  for (let block = 0; block < count; block += 1) {
    const part = data.slice(at, at + short + (block < longFrom ? 0 : 1));
    at += part.length;
    blocks.push({ data: part, correction: remainder(part, divisor) });
  }
  const column = (words: (block: (typeof blocks)[number]) => readonly number[], height: number) =>
    Array.from({ length: height }, (_, row) => blocks.flatMap((block) => words(block)[row] ?? [])).flat();
  return [...column((block) => block.data, short + 1), ...column((block) => block.correction, divisor.length)];
}

const maskRules: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_x, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

function draw(words: readonly number[], version: number, mask: number): boolean[][] {
  const size = sizeOf(version);
  const modules = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
  const fixed = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
  const set = (x: number, y: number, dark: boolean) => {
    if (x < 0 || y < 0 || x >= size || y >= size) return;
    modules[y]![x] = dark;
    fixed[y]![x] = true;
  };
  drawPatterns(set, version, size);
  drawInformation(set, version, size, mask);
  drawWords(words, modules, fixed, maskRules[mask]!);
  return modules;
}

type SetModule = (x: number, y: number, dark: boolean) => void;

/** Timing, finders with their separators, alignments (§6.3). */
function drawPatterns(set: SetModule, version: number, size: number): void {
  for (let at = 0; at < size; at += 1) {
    set(6, at, at % 2 === 0);
    set(at, 6, at % 2 === 0);
  }
  const rings = (left: number, top: number, reach: number, light: readonly number[]) => {
    for (let dy = -reach; dy <= reach; dy += 1) {
      for (let dx = -reach; dx <= reach; dx += 1) {
        set(left + dx, top + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))));
      }
    }
  };
  const places = alignmentPlaces(version, size);
  const last = places.length - 1;
  for (const [row, y] of places.entries()) {
    for (const [column, x] of places.entries()) {
      const finder = (row === 0 && (column === 0 || column === last)) || (row === last && column === 0);
      if (!finder) rings(x, y, 2, [1]);
    }
  }
  for (const [x, y] of [[3, 3] as const, [size - 4, 3] as const, [3, size - 4] as const]) rings(x, y, 4, [2, 4]);
}

function alignmentPlaces(version: number, size: number): number[] {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.floor((version * 8 + count * 3 + 5) / (count * 4 - 4)) * 2;
  return [6, ...Array.from({ length: count - 1 }, (_, at) => size - 7 - step * (count - 2 - at))];
}

/** Level and mask twice (§7.9), from version 7 on also the version twice (§7.10), each with a BCH code. */
function drawInformation(set: SetModule, version: number, size: number, mask: number): void {
  const levelM = 0b00;
  const format = ((levelM << 3) | mask) << 10;
  const bits = (format | bchRemainder(format, 0x537, 10)) ^ 0x5412;
  const bit = (at: number) => ((bits >>> at) & 1) === 1;
  for (let at = 0; at <= 5; at += 1) set(8, at, bit(at));
  set(8, 7, bit(6));
  set(8, 8, bit(7));
  set(7, 8, bit(8));
  for (let at = 9; at < 15; at += 1) set(14 - at, 8, bit(at));
  for (let at = 0; at < 8; at += 1) set(size - 1 - at, 8, bit(at));
  for (let at = 8; at < 15; at += 1) set(8, size - 15 + at, bit(at));
  set(8, size - 8, true);
  if (version < 7) return;
  const shifted = version << 12;
  const versionBits = shifted | bchRemainder(shifted, 0x1f25, 12);
  for (let at = 0; at < 18; at += 1) {
    const dark = ((versionBits >>> at) & 1) === 1;
    const [near, far] = [Math.floor(at / 3), size - 11 + (at % 3)];
    set(far, near, dark);
    set(near, far, dark);
  }
}

function bchRemainder(value: number, divisor: number, degree: number): number {
  let rest = value;
  for (let at = 31 - Math.clz32(rest); rest !== 0 && at >= degree; at = 31 - Math.clz32(rest)) {
    rest ^= divisor << (at - degree);
  }
  return rest;
}

/** In columns of two from the lower right corner, up and down in turn, past the upright timing line (§7.7.3). */
function drawWords(
  words: readonly number[],
  modules: boolean[][],
  fixed: readonly (readonly boolean[])[],
  masks: (x: number, y: number) => boolean,
): void {
  const size = modules.length;
  let at = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    const upwards = ((right + 1) & 2) === 0;
    for (let step = 0; step < size; step += 1) {
      const y = upwards ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (fixed[y]![x]) continue;
        const dark = at < words.length * 8 && ((words[at >>> 3]! >>> (7 - (at & 7))) & 1) === 1;
        modules[y]![x] = dark !== masks(x, y);
        at += 1;
      }
    }
  }
}

/** §7.8.3.1: runs, blocks, what looks like a finder, and how uneven dark and light are. */
function penaltyOf(modules: readonly (readonly boolean[])[]): number {
  const size = modules.length;
  const columns = modules.map((_, x) => modules.map((row) => row[x]!));
  let penalty = 0;
  for (const line of [...modules, ...columns]) {
    const text = line.map((dark) => (dark ? '1' : '0')).join('');
    for (const run of text.match(/0{5,}|1{5,}/g) ?? []) penalty += run.length - 2;
    penalty += 40 * (text.match(/(?=00001011101|10111010000)/g) ?? []).length;
  }
  let dark = 0;
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const own = modules[y]![x]!;
      if (own) dark += 1;
      const right = modules[y]![x + 1];
      const below = modules[y + 1]?.[x];
      const across = modules[y + 1]?.[x + 1];
      if (right === own && below === own && across === own) penalty += 3;
    }
  }
  return penalty + 10 * Math.floor(Math.abs((dark * 20) / (size * size) - 10));
}

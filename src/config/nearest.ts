/** The known name that was probably meant, or null. Spellings (`PUBLIC_URL`, `public-url`, `publicUrl`) count as equal. */
export function nearestName(name: string, known: ReadonlySet<string> | readonly string[]): string | null {
  const plain = spelledPlainly(name);
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(plain.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(plain, spelledPlainly(candidate));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best ?? cutShort(plain, known);
}

/** `dataDirectory` for `dataDir`: far apart by letters, and yet the same word. */
function cutShort(plain: string, known: ReadonlySet<string> | readonly string[]): string | null {
  for (const candidate of known) {
    const other = spelledPlainly(candidate);
    if (Math.min(plain.length, other.length) > 3 && (plain.startsWith(other) || other.startsWith(plain)))
      return candidate;
  }
  return null;
}

const spelledPlainly = (name: string): string => name.toLowerCase().replaceAll(/[-_. ]/g, '');

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(replaced, last[j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

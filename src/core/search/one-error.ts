/**
 * Is `typed` what is left of `word` after one typing error at most: a letter too many, too few, another one, or two
 * neighbours swapped (Damerau)? With `prefix` the rest of the word may be still to come.
 */
export function withinOneError(typed: string, word: string, prefix: boolean): boolean {
  const [a, b] = [[...typed], [...word]];
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same += 1;
  if (same === a.length) return prefix || b.length - same <= 1;
  const rest = (left: number, right: number) => continues(a, same + left, b, same + right, prefix);
  return rest(1, 0) || rest(0, 1) || rest(1, 1) || (a[same] === b[same + 1] && a[same + 1] === b[same] && rest(2, 2));
}

function continues(a: readonly string[], from: number, b: readonly string[], at: number, prefix: boolean): boolean {
  const left = a.length - from;
  if (left < 0 || at + left > b.length) return false;
  if (!prefix && at + left !== b.length) return false;
  for (let index = 0; index < left; index += 1) if (a[from + index] !== b[at + index]) return false;
  return true;
}

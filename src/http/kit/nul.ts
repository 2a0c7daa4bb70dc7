/**
 * Is there a U+0000 in any text of a value, names included? PostgreSQL cannot hold one, and C libraries end a password
 * at it, so it is refused before anything looks at the input. Iterative: depth is the sender's choice.
 */
export function holdsNul(value: unknown): boolean {
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === 'string') {
      if (next.includes('\0')) return true;
    } else if (typeof next === 'object' && next !== null) {
      for (const [name, member] of Object.entries(next)) {
        if (name.includes('\0')) return true;
        waiting.push(member);
      }
    }
  }
  return false;
}

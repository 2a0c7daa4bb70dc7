/**
 * Why some text of a value, names included, cannot be kept as it was sent; null where all can. PostgreSQL holds no
 * U+0000, and C libraries end a password at it. A lone surrogate has no UTF-8: hashes and databases put U+FFFD in place
 * of each, so that different passwords would become one. Iterative: depth is the sender's choice.
 */
export function textFault(value: unknown): string | null {
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === 'string') {
      const fault = faultOf(next);
      if (fault !== null) return fault;
    } else if (Array.isArray(next)) {
      for (const item of next) waiting.push(item);
    } else if (typeof next === 'object' && next !== null) {
      for (const [name, member] of Object.entries(next)) {
        const fault = faultOf(name);
        if (fault !== null) return fault;
        waiting.push(member);
      }
    }
  }
  return null;
}

function faultOf(text: string): string | null {
  if (text.includes('\0')) return 'must not contain U+0000';
  return text.isWellFormed() ? null : 'must be well-formed Unicode';
}

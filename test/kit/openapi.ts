/** A document with everything in place that it refers to. */
export function dereferenced<D extends object>(document: D): D {
  function walk(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(walk);
    const { $ref } = value as { readonly $ref?: unknown };
    if (typeof $ref === 'string') return found($ref);
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, walk(member)]));
  }

  // One object for one reference: what is compiled for it is compiled once.
  const known = new Map<string, unknown>();
  function found(reference: string): unknown {
    if (!known.has(reference)) known.set(reference, walk(at(reference)));
    return known.get(reference);
  }

  function at(reference: string): unknown {
    let current: unknown = document;
    for (const key of reference.split('/').slice(1)) current = (current as Record<string, unknown>)[key];
    if (current === undefined) throw new Error(`${reference} leads nowhere`);
    return current;
  }

  return walk(document) as D;
}

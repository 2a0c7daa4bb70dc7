/** Of how many hits one moves its entry to the front. */
const moveEvery = 16;

/**
 * A map that forgets entries not used for long once it holds `capacity`.
 * Moving an entry costs more than finding it, so only every 16th hit of a full map does: what is used often stays.
 */
export class Lru<K, V> {
  readonly #capacity: number;
  readonly #entries = new Map<K, V>();
  /** Something was dropped for want of room, so the order of the entries matters. */
  #crowded = false;
  #hits = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined && this.#crowded && ++this.#hits % moveEvery === 0) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  /** @returns the entry that made room */
  set(key: K, value: V): V | undefined {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size >= this.#capacity) this.#crowded = true;
    return this.#entries.size <= this.#capacity ? undefined : this.dropOldest();
  }

  /** For owners with a bound of their own, in bytes for example. */
  dropOldest(): V | undefined {
    this.#crowded = true;
    for (const [key, value] of this.#entries) {
      this.#entries.delete(key);
      return value;
    }
    return undefined;
  }

  has(key: K): boolean {
    return this.#entries.has(key);
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.#entries.entries();
  }

  delete(key: K): boolean {
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
    this.#crowded = false;
  }
}

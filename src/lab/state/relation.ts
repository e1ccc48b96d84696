/** Which ids belong to a key. */

const NONE: ReadonlySet<string> = new Set();

/** A set of ids a key; most keys have one id, which is then held without a set. */
export class Relation {
  readonly #ids = new Map<string, string | Set<string>>();

  add(key: string, id: string): void {
    const held = this.#ids.get(key);
    if (held === undefined || held === id) this.#ids.set(key, id);
    else if (typeof held === 'string') this.#ids.set(key, new Set([held, id]));
    else held.add(id);
  }

  remove(key: string, id: string): void {
    const held = this.#ids.get(key);
    if (held === id) this.#ids.delete(key);
    else if (held instanceof Set) held.delete(id);
  }

  of(key: string): Iterable<string> {
    const held = this.#ids.get(key);
    return typeof held === 'string' ? [held] : (held ?? NONE);
  }
}

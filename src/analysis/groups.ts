/** Disjoint sets (union by size, with path halving). */
export class Groups<K> {
  readonly #parent = new Map<K, K>();
  readonly #size = new Map<K, number>();

  add(key: K): void {
    if (!this.#parent.has(key)) this.#parent.set(key, key);
  }

  /** What stands for the set of a key. */
  find(key: K): K {
    this.add(key);
    let at = key;
    for (let parent = this.#parent.get(at) ?? at; parent !== at; parent = this.#parent.get(at) ?? at) {
      this.#parent.set(at, this.#parent.get(parent) ?? parent);
      at = this.#parent.get(at) ?? at;
    }
    return at;
  }

  join(a: K, b: K): void {
    const [first, second] = [this.find(a), this.find(b)];
    if (first === second) return;
    const [small, large] = (this.#size.get(first) ?? 1) < (this.#size.get(second) ?? 1) ? [first, second] : [second, first];
    this.#parent.set(small, large);
    this.#size.set(large, (this.#size.get(small) ?? 1) + (this.#size.get(large) ?? 1));
  }

  /** Every set, with what stands for it. */
  sets(): Map<K, K[]> {
    const sets = new Map<K, K[]>();
    for (const key of this.#parent.keys()) {
      const root = this.find(key);
      const set = sets.get(root);
      if (set) set.push(key);
      else sets.set(root, [key]);
    }
    return sets;
  }
}

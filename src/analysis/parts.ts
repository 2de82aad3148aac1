/**
 * What a value holds of some roots: how many members lie between it and a part of the root. Nothing for a part itself (`order.items`),
 * one for something new around parts (`{ ...order }`, `[order.items]`, `order.items.filter(...)`). By the name of the root.
 */
export type Parts = ReadonlyMap<string, number>;

export const nothing: Parts = new Map();

/** More levels than this are not told apart; fewer is the safe side. */
const deepest = 3;

/** What either of several values holds. */
export function either(...values: readonly Parts[]): Parts {
  const held = values.filter(({ size }) => size > 0);
  if (held.length <= 1) return held[0] ?? nothing;
  const merged = new Map<string, number>();
  for (const parts of held) for (const [root, depth] of parts) merged.set(root, Math.min(depth, merged.get(root) ?? depth));
  return merged;
}

/** What a member, an item or an entry of a value holds. */
export function memberOf(value: Parts): Parts {
  return changed(value, (depth) => Math.max(0, depth - 1));
}

/** What a new object or array holds that has the value as a member. */
export function around(value: Parts): Parts {
  return changed(value, (depth) => Math.min(deepest, depth + 1));
}

/** What a new object or array with the same members holds: `{ ...value }`, `value.slice()`. */
export function copyOf(value: Parts): Parts {
  return changed(value, (depth) => Math.max(1, depth));
}

/** What an instance holds that was made of the value: which members it has is not known. */
export function madeOf(value: Parts): Parts {
  return changed(value, () => 1);
}

/** What a value holds as well that has others as members, which hold something themselves. */
export function within(value: Parts, contentOf: (root: string) => Parts): Parts {
  const contents = [...value].map(([root, depth]) => changed(contentOf(root), (inner) => Math.min(deepest, depth + inner)));
  return either(value, ...contents);
}

/** What a value holds now that it did not hold before, or not so near. */
export function gained(before: Parts, now: Parts): Parts {
  return new Map([...now].filter(([root, depth]) => depth < (before.get(root) ?? deepest + 1)));
}

/** The same under other names of the roots. */
export function renamed(value: Parts, name: (root: string) => string): Parts {
  return value.size === 0 ? nothing : new Map([...value].map(([root, depth]) => [name(root), depth]));
}

/** The roots that the value is a part of: to change it is to change them. */
export function rootsOf(value: Parts): string[] {
  return [...value].flatMap(([root, depth]) => (depth === 0 ? [root] : []));
}

function changed(value: Parts, change: (depth: number) => number): Parts {
  return value.size === 0 ? nothing : new Map([...value].map(([root, depth]) => [root, change(depth)]));
}

/** What something holds from places of the text on. */
export class Held {
  readonly #since = new Map<number, Parts>();

  /** @returns whether that says more than was known */
  add(since: number, value: Parts): boolean {
    const known = this.until(since);
    const merged = either(known, value);
    if (merged.size === known.size && [...merged].every(([root, depth]) => known.get(root) === depth)) return false;
    this.#since.set(since, either(this.#since.get(since) ?? nothing, value));
    return true;
  }

  /** What it holds up to a place. */
  until(place: number): Parts {
    return either(...[...this.#since].flatMap(([since, value]) => (since <= place ? [value] : [])));
  }
}

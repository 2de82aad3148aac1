/** A source of numbers in [0, 1): the same name gives the same numbers. */
export type Chance = () => number;

/** Gives the numbers that belong to a name: mulberry32 (public domain), begun with the FNV-1a hash of the name. */
export function chanceOf(name: string): Chance {
  let state = hashOf(name);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Gives a version 4 UUID made from `chance`. */
export function uuidOf(chance: Chance): string {
  const words = Array.from({ length: 4 }, () => Math.floor(chance() * 4_294_967_296).toString(16).padStart(8, "0")).join("");
  const variant = "89ab"[Math.floor(chance() * 4)];
  return `${words.slice(0, 8)}-${words.slice(8, 12)}-4${words.slice(13, 16)}-${variant}${words.slice(17, 20)}-${words.slice(20)}`;
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}

import type { Context } from "@resonatehq/sdk";

/** Random values that are the same on every replay of an invocation, for code where no `yield*` can stand. */
export interface SeededRandom {
  /** A number from 0 to 1, without 1. */
  random(): number;
  /** A UUID of version 4. Not for secrets: who knows the invocation's id can compute it. */
  uuidv4(): string;
}

const generators = new WeakMap<Context, SeededRandom>();

/** The random values of an invocation. A replay starts with a new context, and so from the first value again. */
export function randomOf(ctx: Context): SeededRandom {
  const known = generators.get(ctx);
  if (known) return known;
  const created = seeded(ctx.id);
  generators.set(ctx, created);
  return created;
}

/** sfc32: 128 bits of state, so that ids of different invocations do not meet. */
function seeded(seed: string): SeededRandom {
  let [a, b, c, d] = hash(seed);
  const next = (): number => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round++) next();
  return {
    random: () => next() / 4_294_967_296,
    uuidv4: () => {
      const hex = Array.from({ length: 4 }, () => next().toString(16).padStart(8, "0")).join("");
      const variant = "89ab"[next() % 4];
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
  };
}

/** cyrb128: a text as 128 bits. */
function hash(text: string): [number, number, number, number] {
  let [h1, h2, h3, h4] = [1_779_033_703, 3_144_134_277, 1_013_904_242, 2_773_480_762];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    h1 = h2 ^ Math.imul(h1 ^ code, 597_399_067);
    h2 = h3 ^ Math.imul(h2 ^ code, 2_869_860_233);
    h3 = h4 ^ Math.imul(h3 ^ code, 951_274_213);
    h4 = h1 ^ Math.imul(h4 ^ code, 2_716_044_179);
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), 597_399_067);
  h2 = Math.imul(h4 ^ (h2 >>> 22), 2_869_860_233);
  h3 = Math.imul(h1 ^ (h3 >>> 17), 951_274_213);
  h4 = Math.imul(h2 ^ (h4 >>> 19), 2_716_044_179);
  return [h1 ^ h2 ^ h3 ^ h4, h2 ^ h1, h3 ^ h1, h4 ^ h1];
}

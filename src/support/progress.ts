import type { Context } from "@resonatehq/sdk";

/** How far an invocation has come: when the last of what it has waited for had ended. The same on every replay. */
export interface Progress {
  /** In ms since epoch; of `waited` it is not known yet. */
  until: number;
  /** The promises that were waited for since. */
  readonly waited: Set<string>;
  /** What was begun, and may never be waited for. What else the invocation does, it waits for at once. */
  readonly begun: Set<string>;
}

const known = new WeakMap<Context, Progress>();

export function progressOf(ctx: Context): Progress {
  const progress = known.get(ctx) ?? { until: 0, waited: new Set(), begun: new Set() };
  known.set(ctx, progress);
  return progress;
}

/** A nested generator begins where the one around it has come to. */
export function goOnFrom(ctx: Context, child: Context): void {
  const { until, waited, begun } = progressOf(ctx);
  known.set(child, { until, waited: new Set(waited), begun });
}

/** What the invocation did before it made the promise of an id, the last first, but for what it only began. */
export function* before(id: string, begun: ReadonlySet<string>): Generator<string> {
  const [, prefix, separator, number] = /^(.*)([:.])(\d+)$/.exec(id) ?? [];
  if (prefix === undefined) return;
  for (let n = Number(number) - 1; n >= 0; n--) {
    const earlier = `${prefix}${separator}${n}`;
    if (!begun.has(earlier)) yield earlier;
  }
  if (separator === ".") yield* before(prefix, begun);
}

import { setTimeout as pause } from "node:timers/promises";
import type { Outcome, RunRecord, Side, Step } from "./scenario.js";

/** How long things may take, in ms. */
export interface PlayLimits {
  readonly call: number;
  readonly effects: number;
  /** The program is at rest when there was no effect for so long after the last step. */
  readonly rest: number;
}

export const LIMITS: PlayLimits = { call: 15_000, effects: 6_000, rest: 200 };

/** Plays steps against a started side and gives what it saw. */
export async function play(side: Side, steps: readonly Step[], limits: PlayLimits = LIMITS): Promise<RunRecord> {
  const outcomes: (Outcome | undefined)[] = [];
  const parts: RunRecord["parts"][number][] = [];
  const open: Promise<void>[] = [];
  let claimed = side.effects().length;
  const claim = (upTo: number, anyOrder: boolean): void => {
    const effects = side.effects().slice(claimed);
    claimed += effects.length;
    parts.push({ upTo, effects, anyOrder });
  };
  for (const [index, step] of steps.entries()) {
    const from = side.effects().length;
    if (step.kind === "wait") await pause(step.milliseconds);
    else {
      const answered = within(limits.call, side.call(step.target, step.input, step.label)).then((outcome) => void (outcomes[index] = outcome));
      if (step.background) open.push(answered);
      else await answered;
    }
    if (step.effects === undefined) continue;
    const { effects } = step;
    await until(limits.effects, () => side.effects().length >= from + effects);
    claim(index, step.anyOrder ?? false);
  }
  await Promise.all(open);
  await atRest(side, limits.rest);
  claim(steps.length, true);
  return { outcomes, parts };
}

async function atRest(side: Side, rest: number): Promise<void> {
  let count = -1;
  while (count !== side.effects().length) {
    count = side.effects().length;
    await pause(rest);
  }
}

async function until(limit: number, holds: () => boolean): Promise<void> {
  const end = Date.now() + limit;
  while (!holds() && Date.now() < end) await pause(5);
}

async function within(limit: number, outcome: Promise<Outcome>): Promise<Outcome> {
  const late = new AbortController();
  try {
    return await Promise.race([outcome, pause(limit, { silent: true } as const, { signal: late.signal })]);
  } finally {
    late.abort();
  }
}

import { setTimeout as pause } from "node:timers/promises";
import { VARIES } from "./compare.js";
import type { Outcome, RunRecord, Side, Step } from "./scenario.js";

/** How long things may take, in ms. */
export interface PlayLimits {
  readonly call: number;
  readonly effects: number;
  /** The program is at rest when there was no effect for so long after the last step. */
  readonly rest: number;
}

const LIMITS: PlayLimits = { call: 40_000, effects: 12_000, rest: 200 };

/**
 * Plays steps against a started side and gives what it saw. Where a worker is lost on the way, `clean` is the run without the loss:
 * its effects are waited for, whatever else comes.
 */
export async function play(side: Side, steps: readonly Step[], clean?: RunRecord, limits: PlayLimits = LIMITS): Promise<RunRecord> {
  const outcomes: (Outcome | null)[] = steps.map(() => null);
  const effects: (unknown[] | null)[] = steps.map(() => null);
  const others: unknown[] = [];
  const open: Promise<void>[] = [];
  let seen = 0;
  const news = (): unknown[] => {
    const added = side.effects().slice(seen);
    seen += added.length;
    return added;
  };
  for (const [index, step] of steps.entries()) {
    others.push(...news());
    if (step.kind === "join") await Promise.all(open.splice(0));
    else {
      const answered = within(limits.call, begin(side, step, `call-${index + 1}`)).then((outcome) => void (outcomes[index] = varies(step) && outcome !== null && "value" in outcome ? { value: VARIES } : outcome));
      if (step.kind === "call" && step.background) open.push(answered);
      else await answered;
    }
    if (step.effectsVary) news();
    if (step.effects === undefined) continue;
    const [before, count, expected] = [seen, step.effects, clean?.effects[index] ?? []];
    await until(limits.effects, () => side.effects().length >= before + count && haveCome(expected, side.effects().slice(before)));
    effects[index] = step.anyOrder ? sorted(news()) : news();
  }
  await Promise.all(open);
  await atRest(side, limits.rest);
  others.push(...news());
  return JSON.parse(JSON.stringify({ outcomes, effects, others: sorted(others) })) as RunRecord;
}

function varies(step: Step): boolean {
  return step.kind === "call" && step.resultVaries === true;
}

/** Begins a step; gives what comes of it, null where nothing can. */
async function begin(side: Side, step: Exclude<Step, { kind: "join" }>, id: string): Promise<Outcome | null> {
  switch (step.kind) {
    case "call":
      return side.call(step.target, step.input, step.id ?? id);
    case "send":
      return side.send(step.target, step.input, step.id ?? id);
    case "attach":
      return side.attach(step.target, step.id);
    case "settle": {
      const promise = typeof step.promise === "string" ? step.promise : step.promise(side.effects());
      return side.settle(promise, step.how === "resolve" ? { value: step.value } : { reason: String(step.value) });
    }
    case "wait":
      await pause(step.milliseconds);
      return null;
    case "crash":
      side.lose();
      return null;
  }
}

function sorted(values: readonly unknown[]): unknown[] {
  const texts = new Map(values.map((value) => [value, JSON.stringify(value)]));
  const textOf = (value: unknown): string => texts.get(value) ?? "";
  return [...values].sort((one, other) => (textOf(one) < textOf(other) ? -1 : 1));
}

function haveCome(expected: readonly unknown[], effects: readonly unknown[]): boolean {
  const left = effects.map((effect) => JSON.stringify(effect));
  return expected.every((effect) => {
    if (effect === VARIES) return true;
    const at = left.indexOf(JSON.stringify(effect));
    if (at !== -1) left.splice(at, 1);
    return at !== -1;
  });
}

async function atRest(side: Side, rest: number): Promise<void> {
  let count = -1;
  while (count !== side.effects().length) {
    count = side.effects().length;
    await pause(rest);
    await side.restarted();
  }
}

async function until(limit: number, holds: () => boolean): Promise<void> {
  const end = Date.now() + limit;
  while (!holds() && Date.now() < end) await pause(5);
}

async function within(limit: number, outcome: Promise<Outcome | null>): Promise<Outcome | null> {
  const late = new AbortController();
  try {
    return await Promise.race([outcome, pause(limit, { silent: true } as const, { signal: late.signal })]);
  } finally {
    late.abort();
  }
}

import type { Context, Resonate } from "@resonatehq/sdk";
import { cancellationPoint } from "./cancellation-point.js";
import { clientOf } from "./client.js";
import { type Begun, type End, resultFrom } from "./durable.js";
import { isUnknown } from "./external.js";
import { before, progressOf } from "./progress.js";
import { type Future, like, type Request } from "./requests.js";
import type { Work } from "./work.js";

/** What is recorded: which have ended and when, and how far the invocation had come by then. */
interface Noted {
  readonly since: number;
  readonly ends: readonly (End & { readonly id: string })[];
}

/**
 * Waits until some of what is pending has ended, and notes which, in the order in which they ended. What is noted is recorded:
 * a replay notes the same. A cancellation ends the wait, not what is waited for. What a timer has overtaken is left to itself.
 * `turn` counts the calls with one `record`, whose id the records extend.
 * Of what had ended when the invocation last waited for something else, the first in the list comes first where `inTurn`, as in Restate.
 */
export function* noteEnds(ctx: Context, record: Request<unknown>, turn: number, pending: readonly Begun[], inTurn = false): Work<void> {
  for (const begun of pending) yield* begun.start();
  const progress = progressOf(ctx);
  const { until, waited, begun } = progress;
  const arrived = inTurn && turn === 0 ? (client: Resonate) => arrivalAt(client, { until, waited: [...waited], before: before(record.id, begun) }) : async () => until;
  yield* cancellationPoint(ctx, `${record.id}.${turn}`, !pending.some((begun) => begun.ended));
  if (!pending.some((begun) => begun.ended || begun.runsHere)) yield* suspendOn(pending);
  const { since, ends } = yield* yield* like<Noted>(record, `${record.id}.${turn}`, (step) => endsOf(step, pending, arrived));
  if (inTurn && turn === 0) waited.clear();
  progress.until = Math.max(since, ...ends.map(({ at }) => at));
  for (const { id, result } of ends) for (const begun of pending) if (begun.id === id) begun.note(result);
  if (!pending.some((begun) => begun.isTimer && begun.outcome() !== undefined)) return;
  for (const begun of pending) if (begun.outcome() === undefined) begun.leave();
}

function* suspendOn(pending: readonly Begun[]): Work<void> {
  const futures: Future<unknown>[] = [];
  for (const begun of pending) futures.push(...(yield* begun.enlist()));
  for (const future of futures) yield* resultFrom(future);
}

/** When a promise was settled, in ms since epoch; 0 while it is open, or where there is none. */
async function endOf(client: Resonate, id: string): Promise<number> {
  try {
    return (await client.promises.get(id)).settledAt ?? 0;
  } catch (error) {
    if (isUnknown(error)) return 0;
    throw error;
  }
}

/** When the invocation went on last: the last of what it had waited for had ended. Of what it waits for at once, the last tells. */
async function arrivalAt(client: Resonate, { until, waited, before }: { readonly until: number; readonly waited: readonly string[]; readonly before: Iterable<string> }): Promise<number> {
  const ends = await Promise.all(waited.map((id) => endOf(client, id)));
  for (const id of before) {
    const end = await endOf(client, id);
    if (end > 0) return Math.max(until, end, ...ends);
  }
  return Math.max(until, ...ends);
}

/** What has ended, the earliest first, but up to where the invocation had come in the order of the list; waits for the first. */
async function endsOf(ctx: Context, pending: readonly Begun[], arrived: (client: Resonate) => Promise<number>): Promise<Noted> {
  const client = clientOf(ctx);
  const since = await arrived(client);
  for (;;) {
    const looks = await Promise.all(pending.map(async (begun) => ({ id: begun.id, end: await begun.look(client) })));
    const ends = looks.flatMap(({ id, end }) => (end === undefined ? [] : [{ id, ...end }]));
    if (ends.length > 0) return { since, ends: ends.sort((one, other) => Math.max(one.at, since) - Math.max(other.at, since)) };
    await Promise.race(pending.map((begun) => begun.end(client, ctx)));
  }
}

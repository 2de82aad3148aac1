import type { Context, Resonate } from "@resonatehq/sdk";
import { cancellationPoint } from "./cancellation-point.js";
import { clientOf } from "./client.js";
import { type Begun, resultFrom } from "./durable.js";
import { isUnknown, type Result } from "./external.js";
import { type Future, like, type Request } from "./requests.js";
import type { Work } from "./work.js";

/**
 * Waits until some of what is pending has ended, and notes which, in the order in which they ended. What is noted is recorded:
 * a replay notes the same. A cancellation ends the wait, not what is waited for. What a timer has overtaken is left to itself.
 * `turn` counts the calls with one `record`, whose id the records extend.
 * Of what had ended when the invocation last waited for something else, the first in the list comes first where `inTurn`, as in Restate.
 */
export function* noteEnds(ctx: Context, record: Request<unknown>, turn: number, pending: readonly Begun[], inTurn = false): Work<void> {
  for (const begun of pending) yield* begun.start();
  const before = inTurn && turn === 0 ? idBefore(record.id) : undefined;
  yield* cancellationPoint(ctx, `${record.id}.${turn}`, !pending.some((begun) => begun.ended));
  if (!pending.some((begun) => begun.ended || begun.runsHere)) yield* suspendOn(pending);
  const ends = yield* yield* like<readonly { id: string; result: Result<unknown> }[]>(record, `${record.id}.${turn}`, (step) => endsOf(step, pending, before));
  for (const { id, result } of ends) for (const begun of pending) if (begun.id === id) begun.note(result);
  if (!pending.some((begun) => begun.isTimer && begun.outcome() !== undefined)) return;
  for (const begun of pending) if (begun.outcome() === undefined) begun.leave();
}

function* suspendOn(pending: readonly Begun[]): Work<void> {
  const futures: Future<unknown>[] = [];
  for (const begun of pending) futures.push(...(yield* begun.enlist()));
  for (const future of futures) yield* resultFrom(future);
}

/** The id of what the invocation did before: what it does is numbered. */
function idBefore(id: string): string | undefined {
  const [number = "0"] = /\d+$/.exec(id) ?? [];
  return Number(number) === 0 ? undefined : id.slice(0, -number.length) + (Number(number) - 1);
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

/** What has ended, the earliest first, but up to the end of the promise `before` in the order of the list; waits for the first. */
async function endsOf(ctx: Context, pending: readonly Begun[], before: string | undefined): Promise<{ id: string; result: Result<unknown> }[]> {
  const client = clientOf(ctx);
  const since = before === undefined || pending.some(({ id }) => id === before) ? 0 : await endOf(client, before);
  for (;;) {
    const looks = await Promise.all(pending.map(async (begun) => ({ id: begun.id, end: await begun.look(client) })));
    const ends = looks.flatMap(({ id, end }) => (end === undefined ? [] : [{ id, ...end }]));
    if (ends.length > 0) return ends.sort((one, other) => Math.max(one.at, since) - Math.max(other.at, since)).map(({ id, result }) => ({ id, result }));
    await Promise.race(pending.map((begun) => begun.end(client, ctx)));
  }
}

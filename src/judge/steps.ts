import { UsageError } from "../errors.js";
import { durationOf, durationText } from "../verify/durations.js";
import type { ScenarioStep } from "../verify/scenario.js";
import type { Step, Target } from "./scenario.js";

/** A handler of the original, and the name of the function that it became. */
export interface ServedHandler {
  readonly service: string;
  readonly name: string;
  readonly mode: "service" | "exclusive" | "shared" | "run";
  readonly registeredAs: string;
  readonly takesKey: boolean;
  /** The worker group that serves it, when it is not `default`. */
  readonly group?: string;
  /** How the id of a workflow is made from its key: `Order/{key}`. */
  readonly workflowId?: string;
}

/** The longest wait in ms that is waited for on a real server, whose clock does not jump. */
const LONGEST_WAIT = 60_000;

/** A scenario cannot be played on a real Restate server; the message says why. */
export class NotPlayable extends Error {}

/**
 * Says a scenario's steps, which name the functions of the migrated program, in words that belong to no engine. Throws UsageError where a
 * step calls what the original does not serve, NotPlayable where a real server cannot do what it says.
 */
export function neutralSteps(steps: readonly ScenarioStep[], handlers: readonly ServedHandler[], file: string): Step[] {
  return new Translation(handlers, file).all(steps);
}

type Start = Extract<ScenarioStep, { call: string }> | Extract<ScenarioStep, { send: string }>;

class Translation {
  private readonly targets = new Map<string, Target>();
  private started = 0;

  constructor(
    private readonly handlers: readonly ServedHandler[],
    private readonly file: string,
  ) {}

  all(steps: readonly ScenarioStep[]): Step[] {
    return steps.flatMap((step) => this.stepsOf(step));
  }

  private stepsOf(step: ScenarioStep): Step[] {
    const effects = step.effects === undefined ? {} : { effects: step.effects.length, anyOrder: step.anyOrder ?? false };
    if ("parallel" in step) return [...this.all(step.parallel).map((one) => (one.kind === "call" ? { ...one, background: true } : one)), { kind: "join", label: "parallel", ...effects }];
    if ("wait" in step) return [{ kind: "wait", milliseconds: this.wait(step.wait), label: `wait ${step.wait}`, ...effects }];
    if ("attach" in step) return [{ kind: "attach", target: this.targetOf(step.attach), id: step.attach, label: `attach ${step.attach}`, ...effects }];
    if ("call" in step || "send" in step) return [{ ...this.start(step), ...effects }];
    const promise = "resolve" in step ? step.resolve : step.reject;
    if (typeof promise === "string") {
      throw new NotPlayable(`it settles the promise ${promise}, whose id on Restate is another: give a function that finds the id among the effects, \`(effects) => ...\`, or settle it by a handler.`);
    }
    const how = "resolve" in step ? ({ how: "resolve", value: step.value } as const) : ({ how: "reject", value: step.error } as const);
    return [{ kind: "settle", promise: promise as (effects: readonly unknown[]) => string, ...how, label: `${how.how} a promise`, ...effects }];
  }

  private start(step: Start): Step {
    const name = "call" in step ? step.call : step.send;
    const target = this.served(name, step.key, step.args ?? []);
    const id = step.id ?? `${encodeURIComponent(name)}-${this.started + 1}`;
    this.started++;
    this.targets.set(id, target);
    if (target.id !== undefined) this.targets.set(target.id, target);
    const input = step.key === undefined && target.key !== undefined ? (step.args ?? []).slice(1) : (step.args ?? []);
    return { kind: "call" in step ? "call" : "send", target, input, id, label: target.key === undefined ? name : `${name} ${target.key}` };
  }

  private served(name: string, key: string | undefined, args: readonly unknown[]): Target {
    const handler = this.handlers.find(({ registeredAs }) => registeredAs === name);
    if (handler === undefined) {
      throw new UsageError(`${this.file}: it calls ${JSON.stringify(name)}, which is no handler of the original. There are ${this.handlers.map(({ registeredAs }) => registeredAs).join(", ") || "none"}.`);
    }
    const { service, mode, takesKey, group, workflowId } = handler;
    const own = takesKey ? (key ?? String(args[0])) : undefined;
    const isRun = mode === "run";
    return {
      service,
      handler: handler.name,
      isRun,
      registeredAs: name,
      ...(own === undefined ? {} : { key: own }),
      ...(isRun && workflowId !== undefined ? { id: workflowIdOf(workflowId, own ?? "") } : {}),
      ...(group === undefined ? {} : { group }),
    };
  }

  private targetOf(id: string): Target {
    const target = this.targets.get(id);
    if (target === undefined) throw new UsageError(`${this.file}: it attaches to ${JSON.stringify(id)}, which no step before has called or sent.`);
    return target;
  }

  private wait(written: string | number): number {
    const duration = durationOf(written) ?? 0;
    if (duration > LONGEST_WAIT) throw new NotPlayable(`it waits ${durationText(duration)}, and the clock of a real server does not jump.`);
    return duration;
  }
}

/** Gives the id of a workflow's `run` by the manifest's pattern; a key that holds what no id may hold is escaped. */
export function workflowIdOf(pattern: string, key: string): string {
  return pattern.replace("{key}", () => (/[:%]/.test(key) ? encodeURIComponent(key) : key));
}

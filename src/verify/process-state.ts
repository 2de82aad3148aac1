/** The state that the support modules keep in memory where there is no database: it stands for one, so it survives a worker. */
const OUTSIDE = new Set<string | symbol>([Symbol.for("durable.state")]);

/** What code leaves in a process outside of its modules: environment variables, globals, listeners. */
export class ProcessState {
  private readonly env = { ...process.env };
  private readonly globals = new Set(Reflect.ownKeys(globalThis));
  private readonly listeners = processListeners();

  /** Takes away what was left since this was made, as the end of a process does. */
  restoreForWorker(): void {
    this.restoreGlobals(OUTSIDE);
    this.restoreEnv();
  }

  /** The same, and all that stands for the outside world too. */
  restoreForRun(): void {
    this.restoreGlobals(new Set());
    this.restoreEnv();
    this.restoreListeners();
  }

  private restoreGlobals(kept: ReadonlySet<string | symbol>): void {
    for (const name of Reflect.ownKeys(globalThis)) {
      if (!this.globals.has(name) && !kept.has(name)) Reflect.deleteProperty(globalThis, name);
    }
  }

  private restoreEnv(): void {
    for (const name of Object.keys(process.env)) if (!(name in this.env)) delete process.env[name];
    for (const [name, value] of Object.entries(this.env)) if (process.env[name] !== value) process.env[name] = value;
  }

  /** A program that is loaded a thousand times must not leave a thousand listeners. */
  private restoreListeners(): void {
    for (const name of process.eventNames()) {
      for (const listener of process.rawListeners(name as "exit")) {
        if (this.listeners.get(name)?.includes(listener as never) !== true) process.removeListener(name as "exit", listener as never);
      }
    }
  }
}

type Listeners = ReadonlyMap<string | symbol, readonly ((...args: never[]) => void)[]>;

function processListeners(): Listeners {
  return new Map(process.eventNames().map((name) => [name, process.rawListeners(name as "exit") as ((...args: never[]) => void)[]]));
}

import { Codec, Resonate } from "@resonatehq/sdk";
import { type HttpHost, startHost } from "../runtime/http-host.js";
import { DurableServer } from "../runtime/server.js";
import { type Prepared, RunningProgram } from "./program.js";
import type { Outcome, Side, Target } from "./scenario.js";
import type { CrashPoint } from "./worker-job.js";

/** A hundred years: nothing that is called from here ends by itself, as on Restate. */
const NO_DEADLINE = 3_155_760_000_000;
const silent = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** The migrated program on the bundled runtime, through its HTTP host. */
export class ResonateSide implements Side {
  readonly name = "Resonate";
  private readonly server = new DurableServer();
  private host!: HttpHost;
  private client!: Resonate;
  private program!: RunningProgram;

  constructor(
    private readonly prepared: Prepared,
    private readonly crash?: CrashPoint,
  ) {}

  async start(): Promise<void> {
    this.host = await startHost(this.server);
    this.client = new Resonate({ url: this.host.url, group: "restate-to-resonate-judge", logger: silent });
    this.program = new RunningProgram(this.prepared, { env: { RESONATE_URL: this.host.url }, origins: {}, onListening: quiet, sdk: this.prepared.bundle.sdk.url, onLost: (pids) => this.expireLeases(pids) }, this.crash);
    await this.program.start();
  }

  async call(target: Target, input: readonly unknown[], id: string): Promise<Outcome> {
    return outcomeOf(async () => (await this.begin(target, input, id)).result());
  }

  async send(target: Target, input: readonly unknown[], id: string): Promise<Outcome> {
    return outcomeOf(async () => void (await this.begin(target, input, id)));
  }

  async attach(target: Target, id: string): Promise<Outcome> {
    return outcomeOf(async () => (await this.client.get<unknown>(target.id ?? id)).result());
  }

  async settle(promise: string, completion: { readonly value: unknown } | { readonly reason: string }): Promise<Outcome> {
    const codec = new Codec();
    return outcomeOf(async () => {
      if ("reason" in completion) await this.client.promises.reject(promise, codec.encode(new Error(completion.reason)));
      else await this.client.promises.resolve(promise, codec.encode(completion.value));
    });
  }

  effects(): readonly unknown[] {
    return this.program.effects();
  }

  lose(): void {
    this.program.lose();
  }

  restarted(): Promise<void> {
    return this.program.restarted();
  }

  lastWords(): string {
    return this.program.lastWords();
  }

  async stop(): Promise<void> {
    await this.program?.end();
    await this.client?.stop();
    await this.host?.close();
  }

  private begin({ id: ownId, key, registeredAs, group }: Target, input: readonly unknown[], id: string) {
    const options = this.client.options({ timeout: NO_DEADLINE, ...(group === undefined ? {} : { target: group }) });
    return this.client.beginRpc<unknown>(ownId ?? id, registeredAs, ...(key === undefined ? [] : [key]), ...input, options);
  }

  /** As the end of their leases would: a minute is long. */
  private expireLeases(pids: readonly string[]): void {
    for (const pid of pids) this.server.expireLeases(pid);
  }
}

async function outcomeOf(work: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { value: await work() };
  } catch (error) {
    return failureOf(error);
  }
}

function failureOf(error: unknown): Outcome {
  if (!(error instanceof Error)) return { error: String(error) };
  // The support modules' errors carry their code where the SDK's codec keeps it (src/support/errors.ts).
  const { errors, code } = error as Error & { errors?: readonly { code?: unknown }[]; code?: unknown };
  const carried = errors?.[0]?.code ?? code;
  return { error: error.message, ...(typeof carried === "number" ? { code: carried } : {}) };
}

function quiet(): void {}

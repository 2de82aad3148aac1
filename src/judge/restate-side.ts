import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type Prepared, RunningProgram } from "./program.js";
import { type RestateServer, startRestateServer } from "./restate-server.js";
import type { Outcome, Side, Target } from "./scenario.js";
import type { CrashPoint } from "./worker-job.js";

/** How long a program has until all its services are registered. */
const REGISTRATION_LIMIT = 20_000;

/** The original program on a real Restate server. */
export class RestateSide implements Side {
  readonly name = "Restate";
  private server!: RestateServer;
  private program!: RunningProgram;
  private readonly registered = new Map<number, Promise<void>>();
  private readonly stopped = new AbortController();
  private readonly refusals: string[] = [];
  /** Restate makes an invocation's id, and from that its random numbers, of the idempotency key: each run has keys of its own, so that they vary. */
  private readonly run = randomUUID();

  /** `services` are those that the scenario calls. */
  constructor(
    private readonly binary: string,
    private readonly prepared: Prepared,
    private readonly services: readonly string[],
    private readonly crash?: CrashPoint,
  ) {}

  async start(): Promise<void> {
    this.server = await startRestateServer(this.binary);
    const { ingress, admin } = this.server;
    const origins = { "http://localhost:8080": ingress, "http://127.0.0.1:8080": ingress, "http://localhost:9070": admin, "http://127.0.0.1:9070": admin };
    this.program = new RunningProgram(
      this.prepared,
      { env: { RESTATE_INGRESS_URL: ingress, RESTATE_ADMIN_URL: admin }, origins, onListening: (port) => this.register(port), onLost: () => undefined },
      this.crash,
    );
    await this.program.start();
    await this.untilRegistered();
  }

  async call(target: Target, input: readonly unknown[], id: string): Promise<Outcome> {
    if (!target.isRun) return this.request("POST", pathOf(target), input, this.idempotencyKey(id));
    // A workflow runs once, and whoever calls it gets its result: what its clients do.
    const submitted = await this.send(target, input, id);
    return "error" in submitted ? submitted : this.attach(target, id);
  }

  async send(target: Target, input: readonly unknown[], id: string): Promise<Outcome> {
    const sent = await this.request("POST", `${pathOf(target)}/send`, input, target.isRun ? undefined : this.idempotencyKey(id));
    return "error" in sent ? sent : {};
  }

  attach(target: Target, id: string): Promise<Outcome> {
    const { service, key } = target;
    return this.request("GET", target.isRun ? `restate/workflow/${encoded([service, key ?? ""])}/attach` : `restate/invocation/${pathOf(target)}/${encodeURIComponent(this.idempotencyKey(id))}/attach`, []);
  }

  settle(promise: string, completion: { readonly value: unknown } | { readonly reason: string }): Promise<Outcome> {
    const path = `restate/awakeables/${encodeURIComponent(promise)}`;
    return "reason" in completion ? this.request("POST", `${path}/reject`, [completion.reason], undefined, "text/plain") : this.request("POST", `${path}/resolve`, [completion.value]);
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
    return [...this.refusals, this.program.lastWords()].join("\n");
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.program?.end();
    await this.server?.stop();
  }

  private idempotencyKey(id: string): string {
    return `${id}-${this.run}`;
  }

  private async request(method: string, path: string, input: readonly unknown[], idempotencyKey?: string, type = "application/json"): Promise<Outcome> {
    const hasBody = input.length > 0 && input[0] !== undefined;
    const response = await fetch(`${this.server.ingress}/${path}`, {
      method,
      ...(hasBody ? { body: type === "text/plain" ? String(input[0]) : JSON.stringify(input[0]) } : {}),
      headers: { ...(hasBody ? { "content-type": type } : {}), ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }) },
    });
    const text = await response.text();
    if (!response.ok) return { error: messageIn(text), code: response.status };
    return text === "" ? {} : { value: JSON.parse(text) as unknown };
  }

  private register(port: number): void {
    if (this.registered.has(port)) return;
    this.registered.set(port, this.postDeployment(port));
  }

  /** A server of the program that is no Restate endpoint is refused, or does not answer. */
  private async postDeployment(port: number): Promise<void> {
    try {
      const response = await fetch(`${this.server.admin}/deployments`, {
        method: "POST",
        body: JSON.stringify({ uri: `http://127.0.0.1:${port}`, force: true }),
        headers: { "content-type": "application/json" },
        signal: this.stopped.signal,
      });
      const text = await response.text();
      if (!response.ok) this.refusals.push(text);
    } catch (error) {
      if (!this.stopped.signal.aborted) this.refusals.push(String(error));
    }
  }

  private async untilRegistered(): Promise<void> {
    const end = Date.now() + REGISTRATION_LIMIT;
    for (;;) {
      this.program.check();
      const response = await fetch(`${this.server.admin}/services`);
      const { services } = (await response.json()) as { services: { name: string }[] };
      const missing = this.services.filter((name) => !services.some((service) => service.name === name));
      if (missing.length === 0) return;
      if (Date.now() > end) throw new Error(`The program before the migration serves no ${missing.join(", ")} within ${REGISTRATION_LIMIT / 1_000} s.\n${this.lastWords()}`);
      await pause(20);
    }
  }
}

function pathOf({ service, handler, key }: Target): string {
  return encoded([service, ...(key === undefined ? [] : [key]), handler]);
}

function encoded(segments: readonly string[]): string {
  return segments.map(encodeURIComponent).join("/");
}

function messageIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === "string" ? message : text;
  } catch {
    return text;
  }
}

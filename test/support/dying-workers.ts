import { LocalNetwork, type Message, type Network, type Request, Resonate, type Response } from "@resonatehq/sdk";
import { DurableServer } from "../../src/runtime/server.js";

/** A server with the rules of production servers, and workers that may die at a request: before it reaches the server, or before its answer comes back. */
export class DyingWorkers {
  readonly server = new DurableServer();
  readonly #clock = setInterval(() => this.server.tick(), 5);
  readonly #clients: Resonate[] = [];

  /** A worker, which lives for `requests` requests. The tasks of a dead one go to the others at once. */
  start(requests = Number.POSITIVE_INFINITY, lost: "request" | "answer" = "request", group = "default"): { readonly client: Resonate; readonly network: DyingNetwork } {
    const pid = `worker-${this.#clients.length}`;
    const network = new DyingNetwork(this.server, { group, pid }, requests, lost);
    const client = new Resonate({ pid, network, logLevel: "error" });
    client.setDependency("resonate", client);
    this.#clients.push(client);
    return { client, network };
  }

  async stop(): Promise<void> {
    clearInterval(this.#clock);
    for (const client of this.#clients) await client.stop();
  }
}

export class DyingNetwork implements Network {
  readonly unicast: string;
  readonly anycast: string;
  readonly #disconnect: () => void;
  #receive: (message: Message) => void = () => undefined;
  dead = false;
  sent = 0;

  constructor(
    private readonly server: DurableServer,
    private readonly worker: { readonly group: string; readonly pid: string },
    private readonly requests: number,
    private readonly lost: "request" | "answer",
  ) {
    const connection = server.connect({ ...worker, deliver: (message) => this.#receive(message) });
    this.unicast = connection.unicast;
    this.anycast = connection.anycast;
    this.#disconnect = () => connection.disconnect();
  }

  match = (target: string): string => new LocalNetwork({ pid: this.worker.pid }).match(target);

  async init(): Promise<void> {}

  async stop(): Promise<void> {
    this.#die();
  }

  recv = (receive: (message: Message) => void): void => {
    this.#receive = receive;
  };

  send: Network["send"] = (request) => {
    const last = !this.dead && ++this.sent > this.requests;
    if (last && this.lost === "request") this.#die();
    if (this.dead) return new Promise(() => undefined);
    // As over a wire: nothing is shared, and the answer comes later.
    const response = this.server.handle(structuredClone(request) as Request);
    if (last) this.#die();
    return new Promise((resolve) => setImmediate(() => !this.dead && resolve(structuredClone(response) as Response as never)));
  };

  #die(): void {
    if (this.dead) return;
    this.dead = true;
    this.#receive = () => undefined;
    this.#disconnect();
    this.server.expireLeases(this.worker.pid);
  }
}

/**
 * Runs an invocation again and again: each time its first worker dies at a later request, and another worker finishes it; until
 * the first lives to the end. `begin` registers handlers, `check` is given the outcome. Gives the number of deaths.
 */
export async function atEveryRequest(begin: (workers: DyingWorkers) => { register(client: Resonate): void; check(outcome: unknown, workers: DyingWorkers): void; during?(client: Resonate): Promise<unknown> }, id: string, func: string, ...args: unknown[]): Promise<number> {
  let deaths = 0;
  for (const lost of ["request", "answer"] as const) {
    for (let requests = 1; ; requests++) {
      const workers = new DyingWorkers();
      const { register, check, during } = begin(workers);
      const first = workers.start(requests, lost);
      register(first.client);
      const { client: outside } = workers.start(undefined, undefined, "outside");
      const started = first.client.beginRpc(id, func, ...args).catch(() => undefined);
      await Promise.race([started, new Promise((resolve) => setTimeout(resolve, 20))]);
      await during?.(outside);
      await new Promise((resolve) => setTimeout(resolve, 30));
      register(workers.start().client);
      const outcome = await outside.rpc(id, func, ...args).then(
        (value: unknown) => value,
        (error: unknown) => error,
      );
      check(outcome, workers);
      const died = first.network.dead;
      await workers.stop();
      if (!died) break;
      deaths++;
    }
  }
  return deaths;
}

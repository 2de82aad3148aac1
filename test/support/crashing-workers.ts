import { LocalNetwork, type Message, type Network, type Request, Resonate, type Response } from "@resonatehq/sdk";
import { type Connection, DurableServer } from "../../src/runtime/server.js";

/** When a worker dies: with which of its requests, and whether that one still takes effect. */
export interface Death {
  readonly request: number;
  readonly takesEffect: boolean;
}

/** Workers of one server that enforces the rules of production servers. */
export class CrashingWorkers {
  readonly server = new DurableServer({ now: () => Date.now() });
  deaths = 0;
  readonly #clock = setInterval(() => this.server.tick(), 10);
  readonly #clients: Resonate[] = [];

  /** A client of its own in the group; a dead worker's tasks go to the others of its group at once. */
  start(group = "default", death?: Death): Resonate {
    const pid = `worker-${this.#clients.length}`;
    const client = new Resonate({ pid, group, network: new CrashingNetwork(this, group, pid, death), logLevel: "error" });
    client.setDependency("resonate", client);
    this.#clients.push(client);
    return client;
  }

  async stop(): Promise<void> {
    clearInterval(this.#clock);
    for (const client of this.#clients) await client.stop();
  }
}

class CrashingNetwork implements Network {
  readonly unicast: string;
  readonly anycast: string;
  readonly #connection: Connection;
  #receive: (message: Message) => void = () => undefined;
  #dead = false;
  #sent = 0;

  constructor(
    private readonly workers: CrashingWorkers,
    group: string,
    private readonly pid: string,
    private readonly death: Death | undefined,
  ) {
    this.#connection = workers.server.connect({ group, pid, deliver: (message) => this.#receive(message) });
    this.unicast = this.#connection.unicast;
    this.anycast = this.#connection.anycast;
  }

  match = (target: string): string => new LocalNetwork({ pid: this.pid }).match(target);

  async init(): Promise<void> {}

  async stop(): Promise<void> {
    this.#die();
  }

  recv = (receive: (message: Message) => void): void => {
    this.#receive = receive;
  };

  send: Network["send"] = (request) => {
    if (this.#dead) return new Promise(() => undefined);
    const dies = ++this.#sent === this.death?.request;
    if (dies && !this.death?.takesEffect) return this.#die();
    const response = this.workers.server.handle(structuredClone(request) as Request);
    if (dies) return this.#die();
    // As over a wire: nothing is shared, and the answer comes later.
    return new Promise((resolve) => setImmediate(() => resolve(structuredClone(response) as Response as never)));
  };

  #die(): Promise<never> {
    if (!this.#dead) {
      this.#dead = true;
      this.#receive = () => undefined;
      this.#connection.disconnect();
      if (this.death !== undefined && this.#sent >= this.death.request) this.workers.deaths += 1;
      this.workers.server.expireLeases(this.pid);
    }
    return new Promise(() => undefined);
  }
}

/**
 * Runs a scenario once for every request at which the first worker can die, before and after the request takes effect, and
 * once without a death. Gives the number of deaths.
 */
export async function dieAtEveryRequest(scenario: (workers: CrashingWorkers, death: Death) => Promise<void>): Promise<number> {
  let deaths = 0;
  for (const takesEffect of [false, true]) {
    for (let request = 1, died = true; died; request++) {
      const workers = new CrashingWorkers();
      try {
        await scenario(workers, { request, takesEffect });
        died = workers.deaths > 0;
        deaths += workers.deaths;
      } finally {
        await workers.stop();
      }
    }
  }
  return deaths;
}

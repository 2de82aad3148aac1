import { LocalNetwork, type Message, type Network, type Request, Resonate, type Response } from "@resonatehq/sdk";
import { type Connection, DurableServer } from "../../src/runtime/server.js";

/** How long a worker lives, and how far it is from the server. */
export interface Life {
  /** How many of its requests are answered. */
  readonly requests?: number;
  /** Whether the first request that is not answered takes effect. */
  readonly lastTakesEffect?: boolean;
  /** How long an answer takes, in ms. */
  readonly delay?: () => number;
}

/** Workers of one server with the rules of production servers; each may die. */
export class Workers {
  readonly server = new DurableServer();
  /** What was sent to the server, by all workers. */
  requests = 0;
  deaths = 0;
  readonly #clock = setInterval(() => this.server.tick(), 20);
  readonly #clients: Resonate[] = [];

  /** A client of its own. A dead worker's tasks go to the others at once. */
  start(life: Life = {}): Resonate {
    const pid = `worker-${this.#clients.length}`;
    const client = new Resonate({ pid, network: new WorkerNetwork(this, pid, life), logLevel: "error" });
    this.#clients.push(client);
    return client;
  }

  async stop(): Promise<void> {
    clearInterval(this.#clock);
    for (const client of this.#clients) await client.stop();
  }
}

class WorkerNetwork implements Network {
  readonly unicast: string;
  readonly anycast: string;
  readonly #connection: Connection;
  #receive: (message: Message) => void = () => undefined;
  #dead = false;
  #sent = 0;

  constructor(
    private readonly workers: Workers,
    private readonly pid: string,
    private readonly life: Life,
  ) {
    this.#connection = workers.server.connect({ group: "default", pid, deliver: (message) => this.#receive(message) });
    this.unicast = this.#connection.unicast;
    this.anycast = this.#connection.anycast;
  }

  match = (target: string): string => new LocalNetwork({ pid: this.pid }).match(target);

  async init(): Promise<void> {}

  async stop(): Promise<void> {
    void this.#die();
  }

  recv = (receive: (message: Message) => void): void => {
    this.#receive = receive;
  };

  send: Network["send"] = (request) => {
    const { requests = Number.POSITIVE_INFINITY, lastTakesEffect = false, delay } = this.life;
    const dies = !this.#dead && ++this.#sent > requests;
    if (this.#dead || (dies && !lastTakesEffect)) return this.#die();
    this.workers.requests += 1;
    // As over a wire: nothing is shared, and the answer comes later.
    const response = structuredClone(this.workers.server.handle(structuredClone(request) as Request)) as Response as never;
    if (dies) return this.#die();
    return new Promise((resolve) => (delay === undefined ? setImmediate(resolve, response) : setTimeout(resolve, delay(), response)));
  };

  /** Gives what a dead worker gets as an answer. */
  #die(): Promise<never> {
    if (!this.#dead) {
      this.#dead = true;
      this.workers.deaths += 1;
      this.#receive = () => undefined;
      this.#connection.disconnect();
      this.workers.server.expireLeases(this.pid);
    }
    return new Promise(() => undefined);
  }
}

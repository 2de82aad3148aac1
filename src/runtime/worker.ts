import { AsyncLocalStorage } from "node:async_hooks";
import type { Message, Network, Request, Response } from "@resonatehq/sdk";
import type { Connection, DurableServer } from "./server.js";

/**
 * What becomes of a worker at a request: it dies before the request takes effect or after; the answer gets lost on its way back
 * and the worker lives; or its lease ends before the request arrives, so that its tasks go elsewhere while it goes on.
 */
export type Fate = "dies-before" | "dies-after" | "loses-answer" | "loses-lease";

/** A request of a worker, as the one who decides on fates sees it. */
export interface WorkerRequest {
  readonly worker: WorkerProcess;
  readonly request: Request;
}

/** What surrounds the workers of one run. */
export interface Surroundings {
  readonly server: DurableServer;
  /** Decides on a request as it is made. Heartbeats are not asked about. */
  fate(request: WorkerRequest): Fate | undefined;
  /** Told of each answer that a worker gets, or would have got. */
  answered(request: WorkerRequest, response: Response): void;
  /** Makes the error that a request fails with where its answer is lost. */
  lostAnswer(): Error;
  /** Told when a worker has died, once. */
  died(worker: WorkerProcess): void;
  /** Whether every message to a worker arrives twice. */
  readonly twice: boolean;
}

const workers = new AsyncLocalStorage<WorkerProcess>();

/** Each its own: whatever waits for one shared promise would be kept with it. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** The worker that the calling code runs in, also after it has waited for something. */
export function runningWorker(): WorkerProcess | undefined {
  return workers.getStore();
}

/**
 * A process of the program, as far as a server can tell: it may hold several clients, and dies as a whole. JavaScript cannot
 * be stopped, so what the code of a dead worker still does has no effect: its requests are not made and nothing answers.
 */
export class WorkerProcess {
  alive = true;
  /** Let go of at the end of the run: a module that was loaded is never forgotten, and with it its clients. */
  private around: Surroundings | undefined;
  private readonly connections: WorkerNetwork[] = [];

  /** `name` begins the process ids of its clients; unique in a run. */
  constructor(
    readonly name: string,
    surroundings: Surroundings,
  ) {
    this.around = surroundings;
  }

  /** What surrounds it, undefined once it has retired. */
  get surroundings(): Surroundings | undefined {
    return this.around;
  }

  /** Runs `work` as code of this worker. */
  run<T>(work: () => T): T {
    return workers.run(this, work);
  }

  /** Connects a client of this worker. */
  connect(group: string): WorkerNetwork {
    const network = new WorkerNetwork(this, group, `${this.name}.${this.connections.length}`);
    this.connections.push(network);
    return network;
  }

  /** Whether `pid` is a client of this worker. */
  has(pid: string): boolean {
    return this.connections.some((network) => network.pid === pid);
  }

  /** Ends the worker; its tasks go back to their groups at once, as they would at the end of the lease. */
  die(): void {
    if (!this.alive) return;
    this.alive = false;
    for (const network of this.connections) network.disconnect();
    this.giveTasksBack();
    this.around?.died(this);
  }

  /** Ends the worker with its run: nobody takes its place. */
  retire(): void {
    this.alive = false;
    for (const network of this.connections) network.disconnect();
    this.around = undefined;
  }

  /** Ends the lease on all its tasks. */
  giveTasksBack(): void {
    for (const { pid } of this.connections) this.around?.server.expireLeases(pid);
  }
}

/** The network of one client of a worker. */
export class WorkerNetwork implements Network {
  private connection: Connection | undefined;
  private readonly receivers: ((message: Message) => void)[] = [];

  constructor(
    private readonly worker: WorkerProcess,
    readonly group: string,
    readonly pid: string,
  ) {
    this.connection = worker.surroundings?.server.connect({ group, pid, deliver: (message) => this.deliver(message) });
  }

  get unicast(): string {
    return this.connection?.unicast ?? `local://uni@${this.group}/${this.pid}`;
  }

  get anycast(): string {
    return this.connection?.anycast ?? `local://any@${this.group}/${this.pid}`;
  }

  match(target: string): string {
    return `local://any@${target}`;
  }

  async init(): Promise<void> {}

  async stop(): Promise<void> {
    this.disconnect();
  }

  disconnect(): void {
    this.connection?.disconnect();
    this.connection = undefined;
  }

  recv(callback: (message: Message) => void): void {
    this.receivers.push(callback);
  }

  send: Network["send"] = (request) => {
    const answer = this.exchange(request);
    return answer as ReturnType<Network["send"]> as never; // the server answers each kind of request with its own kind of response
  };

  private exchange(request: Request): Promise<Response> {
    const { worker } = this;
    const { surroundings } = worker;
    if (!worker.alive || surroundings === undefined) return never();
    if (request.kind === "task.heartbeat") return Promise.resolve(surroundings.server.handle(request));
    const fate = surroundings.fate({ worker, request });
    if (fate === "dies-before") worker.die();
    if (!worker.alive) return never();
    if (fate === "loses-lease") worker.giveTasksBack();
    const response = surroundings.server.handle(request);
    surroundings.answered({ worker, request }, response);
    if (fate === "dies-after") worker.die();
    if (!worker.alive) return never();
    if (fate === "loses-answer") return this.loseAnswer(request, response, surroundings);
    return Promise.resolve(response);
  }

  /** A task whose acquisition nobody knows of is held by nobody: it goes back at once, as it would at the end of the lease. */
  private loseAnswer(request: Request, response: Response, surroundings: Surroundings): Promise<never> {
    if (request.kind === "task.acquire" && response.kind === "task.acquire" && response.head.status === 200) {
      const { id, version } = (response.data as { readonly task: { readonly id: string; readonly version: number } }).task;
      surroundings.server.handle({ kind: "task.release", head: request.head, data: { id, version } });
    }
    return Promise.reject(surroundings.lostAnswer());
  }

  private deliver(message: Message): void {
    if (!this.worker.alive) return;
    for (let time = 0; time < (this.worker.surroundings?.twice === true ? 2 : 1); time++) {
      this.worker.run(() => {
        for (const receive of this.receivers) receive(message);
      });
    }
  }
}

import type { Message } from "@resonatehq/sdk";
import { parseAddress, type Address } from "./addresses.js";

/** A connected worker. */
export interface WorkerEnd {
  readonly group: string;
  readonly pid: string;
  /** Takes a message; called outside of any request, in the order the messages were sent. */
  deliver(message: Message): void;
}

/** How the router does its work. */
export interface RouterOptions {
  /** Runs a task later, never at once. */
  schedule(task: () => void): void;
  /** False for a message that has become pointless, such as the offer of a task that somebody holds. */
  isWanted(message: Message): boolean;
}

interface Mail {
  readonly address: Address;
  readonly message: Message;
}

/** A caller that is gone for good never fetches its mail: only so many notices of settled promises are kept. */
const KEPT_NOTICES = 1_000;

/**
 * Brings messages to workers. An anycast message goes to one worker of the group: the one it names if that is connected,
 * else the next in turn. What nobody can take waits for a worker that can. A worker that leaves gives back the tasks it
 * was offered and had not acquired.
 */
export class Router {
  private readonly workers: WorkerEnd[] = [];
  /** By worker, and then by task: what it was sent. */
  private readonly offered = new Map<WorkerEnd, Map<string, Mail>>();
  /** Offers that wait, by task: a newer one takes the place of the older. */
  private readonly waitingOffers = new Map<string, Mail>();
  private waitingNotices: Mail[] = [];

  constructor(private readonly options: RouterOptions) {}

  /** Brings `message` to `address`, later. An address that no worker can have is passed over, as a server without that transport does. */
  send(address: string, message: Message): void {
    const parsed = parseAddress(address);
    if (parsed !== undefined) this.post({ address: parsed, message });
  }

  /** Connects a worker and brings it what waits for it. */
  connect(worker: WorkerEnd): void {
    this.workers.push(worker);
    this.offered.set(worker, new Map());
    const waiting = [...this.waitingOffers.values(), ...this.waitingNotices];
    this.waitingOffers.clear();
    this.waitingNotices = [];
    for (const mail of waiting) this.post(mail);
  }

  /** Takes back the offers of a task that is no longer to be had. */
  withdraw(task: string): void {
    this.waitingOffers.delete(task);
    for (const offers of this.offered.values()) offers.delete(task);
  }

  /** Takes a worker away; a second time changes nothing. */
  disconnect(worker: WorkerEnd): void {
    const offered = this.offered.get(worker);
    if (offered === undefined) return;
    this.offered.delete(worker);
    this.workers.splice(this.workers.indexOf(worker), 1);
    for (const mail of offered.values()) this.post(mail);
  }

  private post(mail: Mail): void {
    this.options.schedule(() => {
      if (!this.options.isWanted(mail.message)) return;
      const worker = this.workerFor(mail.address);
      if (worker === undefined) return this.keep(mail);
      if (mail.message.kind === "execute") this.offered.get(worker)?.set(mail.message.data.task.id, mail);
      worker.deliver(mail.message);
    });
  }

  private workerFor({ mode, group, pid }: Address): WorkerEnd | undefined {
    const named = this.workers.findLast((worker) => worker.group === group && worker.pid === pid);
    if (named !== undefined || mode === "unicast") return named;
    const next = this.workers.findIndex((worker) => worker.group === group);
    if (next === -1) return undefined;
    const [worker] = this.workers.splice(next, 1);
    // The one that is served goes to the end of the line.
    if (worker !== undefined) this.workers.push(worker);
    return worker;
  }

  private keep(mail: Mail): void {
    if (mail.message.kind === "execute") {
      this.waitingOffers.set(mail.message.data.task.id, mail);
      return;
    }
    this.waitingNotices.push(mail);
    if (this.waitingNotices.length > KEPT_NOTICES) this.waitingNotices.shift();
  }
}

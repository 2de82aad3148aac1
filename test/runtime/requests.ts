import { Codec, type Message, type Request } from "@resonatehq/sdk";
import { DurableServer, type Connection, type ServerOptions } from "../../src/runtime/server.js";

const HEAD = { corrId: "test", version: "test" };

/** The tags of a root that any worker of a group may run. */
export function rootTags(id: string, group = "default"): Record<string, string> {
  return { "resonate:origin": id, "resonate:branch": id, "resonate:parent": id, "resonate:scope": "global", "resonate:target": `poll://any@${group}` };
}

/** The tags of a promise that an invocation awaits and somebody outside settles. */
export function externalTags(id: string, origin: string): Record<string, string> {
  return { "resonate:origin": origin, "resonate:branch": id, "resonate:parent": origin, "resonate:scope": "global", "resonate:external": "true" };
}

export type Create = Extract<Request, { kind: "promise.create" }>;

/** A request for a promise; without tags it has none. */
export function create(id: string, { timeoutAt = Number.MAX_SAFE_INTEGER, tags = {}, data }: { timeoutAt?: number; tags?: Record<string, string>; data?: unknown } = {}): Create {
  return { kind: "promise.create", head: HEAD, data: { id, timeoutAt, param: data === undefined ? {} : new Codec().encode(data), tags } };
}

/** A request to start a registered function under a root id. */
export function invoke(id: string, func: string, args: unknown[] = [], group = "default"): Create {
  return create(id, { tags: rootTags(id, group), data: { func, args, version: 1 } });
}

export function settle(id: string, value: unknown, state: "resolved" | "rejected" = "resolved"): Request {
  return { kind: "promise.settle", head: HEAD, data: { id, state, value: new Codec().encode(value) } };
}

export function get(id: string): Request {
  return { kind: "promise.get", head: HEAD, data: { id } };
}

export function acquire(id: string, version: number, pid: string, ttl = 1_000): Request {
  return { kind: "task.acquire", head: HEAD, data: { id, version, pid, ttl } };
}

export function release(id: string, version: number): Request {
  return { kind: "task.release", head: HEAD, data: { id, version } };
}

export function fence(id: string, version: number, action: Create): Request {
  return { kind: "task.fence", head: HEAD, data: { id, version, action } };
}

export function suspend(id: string, version: number, awaited: readonly string[]): Request {
  const actions = awaited.map((one) => ({ kind: "promise.register_callback" as const, head: HEAD, data: { awaiter: id, awaited: one } }));
  return { kind: "task.suspend", head: HEAD, data: { id, version, actions } };
}

export function listen(awaited: string, address: string): Request {
  return { kind: "promise.register_listener", head: HEAD, data: { awaited, address } };
}

/** A server whose clock and deliveries a test moves by hand. */
export interface HandDriven {
  readonly server: DurableServer;
  /** Moves the clock to a time in ms since epoch, and fires what is due. */
  at(time: number): void;
  /** Brings the messages that are under way. */
  deliver(): void;
  /** The status of a request's answer. */
  status(request: Request): number;
  /** A worker that keeps what it is sent, as `execute <id> <version>` or `unblock <id>`. */
  worker(group: string, pid: string): { readonly inbox: string[]; readonly connection: Connection };
  state(id: string): string | undefined;
}

/** Makes one; its clock starts at 0. */
export function handDriven(options: Omit<ServerOptions, "now" | "schedule"> = {}): HandDriven {
  let now = 0;
  const tasks: (() => void)[] = [];
  const server = new DurableServer({ ...options, now: () => now, schedule: (task) => void tasks.push(task) });
  const deliver = (): void => {
    for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) task();
  };
  return {
    server,
    deliver,
    at: (time) => {
      now = time;
      server.tick();
      deliver();
    },
    status: (request) => server.handle(request).head.status,
    worker: (group, pid) => {
      const inbox: string[] = [];
      return { inbox, connection: server.connect({ group, pid, deliver: (message) => void inbox.push(textOf(message)) }) };
    },
    state: (id) => server.snapshot().promises.find((promise) => promise.id === id)?.state,
  };
}

function textOf(message: Message): string {
  return message.kind === "execute" ? `execute ${message.data.task.id} ${message.data.task.version}` : `unblock ${message.data.promise.id}`;
}

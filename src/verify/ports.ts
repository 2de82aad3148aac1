import { Server } from "node:net";

/** What a server that only seems to listen says of its address. */
interface SeemingAddress {
  readonly address: string;
  readonly family: string;
  readonly port: number;
}

const SOME_PORT = 49_152;

/**
 * Lets every server of this process seem to listen, without a port: a program that is loaded again and again never finds its
 * own port in use, and nobody from outside reaches it.
 */
export function keepPortsFree(): void {
  const addresses = new WeakMap<Server, SeemingAddress>();
  const { address, close } = Server.prototype;
  Server.prototype.listen = function (this: Server, ...args: unknown[]) {
    const callback = args.at(-1);
    if (typeof callback === "function") this.once("listening", callback as () => void);
    addresses.set(this, { address: "127.0.0.1", family: "IPv4", port: portOf(args[0]) });
    process.nextTick(() => this.emit("listening"));
    return this;
  };
  Server.prototype.address = function (this: Server) {
    return addresses.get(this) ?? address.call(this);
  };
  Server.prototype.close = function (this: Server, callback?: (error?: Error) => void) {
    if (!addresses.delete(this)) return close.call(this, callback);
    if (callback !== undefined) this.once("close", callback);
    process.nextTick(() => this.emit("close"));
    return this;
  };
}

function portOf(first: unknown): number {
  const asked = Number(typeof first === "object" && first !== null ? Reflect.get(first, "port") : first);
  return Number.isInteger(asked) && asked > 0 ? asked : SOME_PORT;
}

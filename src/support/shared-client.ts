import { Resonate } from "@resonatehq/sdk";

let client: Resonate | undefined;

/**
 * The client of this process for calls from outside of any handler, made when it is first needed. It belongs to a worker group
 * of its own, so that no task comes to it, and keeps its process alive until it is stopped: `await sharedClient().stop()`.
 */
export function sharedClient(): Resonate {
  client ??= new Resonate({ group: "clients" });
  return client;
}

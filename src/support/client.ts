import type { Context, Resonate } from "@resonatehq/sdk";

/** The client that runs this invocation; steps use it to read and settle promises by their id. */
export function clientOf(ctx: Context): Resonate {
  const client = ctx.getDependency<Resonate>("resonate");
  if (client === undefined) throw new Error('No dependency "resonate": call resonate.setDependency("resonate", resonate) where the client is created');
  return client;
}

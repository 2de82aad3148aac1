import type { StateStore } from "./store-interface.js";

let chosen: Promise<StateStore> | undefined;

/** Where state lives: in the Postgres that `DATABASE_URL` names, else in this process. */
export function store(): Promise<StateStore> {
  return (chosen ??= open(process.env["DATABASE_URL"]));
}

/** The modules are loaded when they are needed: without a database there need be no `pg`. */
async function open(database: string | undefined): Promise<StateStore> {
  if (database) return new (await import("./store-postgres.js")).PostgresStore(database);
  if (process.env["RESONATE_URL"]) console.warn("The state of objects is kept in this process only, and is gone when it ends: set DATABASE_URL to keep it in Postgres.");
  return new (await import("./store-memory.js")).MemoryStore();
}

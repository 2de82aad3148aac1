import { Pool } from "pg";
import type { Holder, StateStore, Turn } from "./store-interface.js";

/** The unique index on calls that have the turn is what allows one of them per key. */
const tables = `
  create table durable_state (
    object text not null, key text not null, name text not null, value text not null,
    primary key (object, key, name)
  );
  create table durable_turns (
    id text primary key, task text not null, object text not null, key text not null,
    arrived double precision not null, queued bigint not null generated always as identity,
    granted boolean not null default false, wake text
  );
  create unique index durable_turns_granted on durable_turns (object, key) where granted;
  create index durable_turns_queue on durable_turns (object, key, arrived, queued);`;

/** A write is this part and one statement on state: the turn's row is locked until the write is done, so the turn cannot end before. */
const inTurn = "with turn as (select from durable_turns where object = $1 and key = $2 and task = $3 and granted for key share)";

/** Keeps state in Postgres, in two tables that are created on first use. */
export class PostgresStore implements StateStore {
  readonly #pool: Pool;
  #ready: Promise<void> | undefined;

  /** A pool of the same database, or its connection string. */
  constructor(database: Pool | string) {
    this.#pool = typeof database === "string" ? new Pool({ connectionString: database, allowExitOnIdle: true }) : database;
    // A connection that breaks while idle is replaced; without a listener it would end the process.
    this.#pool.on("error", (error) => console.warn(`state store: ${error.message}`));
  }

  async read(object: string, key: string, name: string): Promise<string | null> {
    const [row] = await this.#query<{ value: string }>("select value from durable_state where object = $1 and key = $2 and name = $3", [object, key, name]);
    return row?.value ?? null;
  }

  async names(object: string, key: string): Promise<string[]> {
    const rows = await this.#query<{ name: string }>("select name from durable_state where object = $1 and key = $2", [object, key]);
    return rows.map(({ name }) => name);
  }

  async write(object: string, key: string, task: string, name: string, text: string | null): Promise<boolean> {
    if (text === null) return this.#remove("and name = $4", [object, key, task, name]);
    const sql = `${inTurn} insert into durable_state (object, key, name, value) select $1, $2, $4, $5 from turn
      on conflict (object, key, name) do update set value = excluded.value returning true`;
    return (await this.#query(sql, [object, key, task, name, text])).length > 0;
  }

  async clear(object: string, key: string, task: string): Promise<boolean> {
    return this.#remove("", [object, key, task]);
  }

  async enter({ id, task, object, key }: Turn, arrived: number): Promise<void> {
    const sql = "insert into durable_turns (id, task, object, key, arrived) values ($1, $2, $3, $4, $5) on conflict (id) do nothing";
    await this.#query(sql, [id, task, object, key, arrived]);
  }

  async wait({ id }: Turn, wake: string): Promise<void> {
    await this.#query("update durable_turns set wake = $2 where id = $1", [id, wake]);
  }

  async leave({ id }: Turn): Promise<void> {
    await this.#query("delete from durable_turns where id = $1", [id]);
  }

  async grant(object: string, key: string): Promise<Holder | null> {
    const sql = `with held as (select * from durable_turns where object = $1 and key = $2 and granted), granted as (
        update durable_turns set granted = true where not exists (select from held) and id =
          (select id from durable_turns where object = $1 and key = $2 order by arrived, queued limit 1) returning *)
      select id, task, object, key, wake from held union all select id, task, object, key, wake from granted`;
    try {
      const [holder] = await this.#query<Holder>(sql, [object, key]);
      return holder ?? null;
    } catch (error) {
      // Another call got the turn at this moment: its row is there now.
      if ((error as { code?: unknown }).code !== "23505") throw error;
      return this.grant(object, key);
    }
  }

  async #remove(condition: string, values: string[]): Promise<boolean> {
    const sql = `${inTurn}, gone as (delete from durable_state where object = $1 and key = $2 ${condition} and exists (select from turn)) select from turn`;
    return (await this.#query(sql, values)).length > 0;
  }

  async #query<Row extends object>(sql: string, values: unknown[]): Promise<Row[]> {
    await (this.#ready ??= this.#createTables().catch((error: unknown) => {
      this.#ready = undefined;
      throw error;
    }));
    return (await this.#pool.query<Row>(sql, values)).rows;
  }

  /** In one transaction, one worker at a time. A role that may not create tables finds them there. */
  async #createTables(): Promise<void> {
    const connection = await this.#pool.connect();
    try {
      await connection.query("begin");
      await connection.query("select pg_advisory_xact_lock(hashtext('durable_state'))");
      const { rows } = await connection.query<{ there: boolean }>("select to_regclass('durable_turns') is not null as there");
      if (!rows[0]?.there) await connection.query(tables);
      await connection.query("commit");
      connection.release();
    } catch (error) {
      // Closed rather than reused: its transaction may still be open.
      connection.release(true);
      throw error;
    }
  }
}

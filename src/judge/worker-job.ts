/** Where a worker is lost: at the effect of this number, before it is in the world or after. Counted from 0 over the whole run. */
export interface CrashPoint {
  readonly effect: number;
  readonly when: "before" | "after";
}

/** What a worker process loads and where it writes. Paths are absolute. */
export interface WorkerJob {
  /** The bundle (`verify/bundle.ts`) that holds the modules, as a URL. */
  readonly bundle: string;
  readonly entries: readonly string[];
  /** An exported array of the program to which it appends its effects. */
  readonly effects?: { readonly module: string; readonly export: string };
  /** The SDK's module, where the program runs on Resonate. */
  readonly sdk?: string;
  /** The ports of the servers of this process, in the order in which they listened before it was lost. */
  readonly ports: readonly number[];
  /** Origins that programs name by default, and those that are meant: `http://localhost:8080`. */
  readonly origins: Readonly<Record<string, string>>;
  /** A folder of this run: the effects, and what outlives a lost worker. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Tells the processes of a run apart. */
  readonly name: string;
  readonly crash?: CrashPoint;
}

/** What a worker process says. */
export type WorkerMessage =
  /** A server of the program listens. */
  | { readonly kind: "listening"; readonly port: number }
  /** The program made a client of Resonate, which holds its tasks under this name. */
  | { readonly kind: "client"; readonly pid: string }
  /** All entries are loaded. */
  | { readonly kind: "loaded" }
  | { readonly kind: "failed"; readonly text: string };

/** What a worker process is told. */
export type WorkerOrder = { readonly kind: "job"; readonly job: WorkerJob } | { readonly kind: "die" };

/**
 * What the code under test reaches of the run it is part of. The program is a bundle with copies of modules of its own, so
 * the two meet in a global.
 */
export interface Host {
  /** Records an effect of the code that calls. */
  effect(value: unknown): void;
  /** What the outside world remembers under a name in this run. */
  outside<T>(name: string, begin: () => T): T;
  /** Gives the class that stands for the SDK's `Resonate` in the worker that loads the bundle of this URL. */
  clientClass(bundleUrl: string): unknown;
}

const KEY = Symbol.for("restate-to-resonate.verify");

/** Gives the host of this process, undefined outside of `verify`. */
export function hostOf(): Host | undefined {
  return (globalThis as { [KEY]?: Host })[KEY];
}

/** Makes `host` the host of this process. */
export function installHost(host: Host): void {
  (globalThis as { [KEY]?: Host })[KEY] = host;
}

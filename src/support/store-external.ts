import type { Holder, StateStore } from "./store-interface.js";

/** Where state lives: to be written, with what `StateStore` demands of each method. */
class ExternalStore implements StateStore {
  /** To be removed when the methods are written: a worker without a store does not start. */
  constructor() {
    missing("the methods");
  }

  read(): Promise<string | null> {
    return missing("read");
  }

  names(): Promise<string[]> {
    return missing("names");
  }

  write(): Promise<boolean> {
    return missing("write");
  }

  clear(): Promise<boolean> {
    return missing("clear");
  }

  enter(): Promise<void> {
    return missing("enter");
  }

  wait(): Promise<void> {
    return missing("wait");
  }

  leave(): Promise<void> {
    return missing("leave");
  }

  grant(): Promise<Holder | null> {
    return missing("grant");
  }
}

const external = new ExternalStore();

/** The store that keeps the state of objects. */
export async function store(): Promise<StateStore> {
  return external;
}

function missing(what: string): never {
  throw new Error(`There is no state store yet: write ${what} of ExternalStore in durable/store, or migrate without --state external`);
}

/** A call of an exclusive handler, waiting for its turn or having it. */
export interface Turn {
  readonly object: string;
  readonly key: string;
  /** The id of the call's own promise; one call queues once, also when a step of it runs again. */
  readonly id: string;
  /** The id of the promise whose task runs the call: once that is settled, nothing of the call runs any more. */
  readonly task: string;
}

/** The call that has the turn of a key. */
export interface Holder extends Turn {
  /** The promise it waits on, if it has not noticed yet that it is its turn. */
  readonly wake: string | null;
}

/**
 * Where the entries of objects live and their calls queue. Each method is atomic, and doing one twice is doing it once:
 * a step runs again when its worker dies. At most one call of a key has the turn at any time.
 */
export interface StateStore {
  /** The text of an entry, `null` when it is missing. */
  read(object: string, key: string, name: string): Promise<string | null>;
  /** The names of an object's entries, in any order. */
  names(object: string, key: string): Promise<string[]>;

  /**
   * Sets an entry, or removes it when `text` is `null`. Only while a call of this task has the turn of the key: `false`, and nothing
   * written, otherwise. No turn may end between that check and the write.
   */
  write(object: string, key: string, task: string, name: string, text: string | null): Promise<boolean>;
  /** Removes all entries of an object, under the condition of `write`. */
  clear(object: string, key: string, task: string): Promise<boolean>;

  /** Queues a call that was made at that time (ms since epoch), if it is not in the queue; equal times are in the order of these calls. */
  enter(turn: Turn, arrived: number): Promise<void>;
  /** Says on which promise a queued call waits from now on. */
  wait(turn: Turn, wake: string): Promise<void>;
  /** Takes a call out of the queue, with or without the turn. */
  leave(turn: Turn): Promise<void>;
  /** Who has the turn of the key: the call that has it, else the first of the queue, which has it from now on. */
  grant(object: string, key: string): Promise<Holder | null>;
}

import type { Holder, StateStore, Turn } from "./store-interface.js";

interface Place {
  readonly entries: Map<string, string>;
  /** In order of arrival. */
  readonly queue: Waiting[];
  holder: Waiting | null;
}

interface Waiting extends Turn {
  readonly arrived: number;
  wake: string | null;
}

/** Keeps state in this process, as Resonate's local mode keeps its promises. */
export class MemoryStore implements StateStore {
  readonly #places: Map<string, Place>;

  constructor(places: Map<string, Place> = placesOfProcess()) {
    this.#places = places;
  }

  async read(object: string, key: string, name: string): Promise<string | null> {
    return this.#places.get(idOf(object, key))?.entries.get(name) ?? null;
  }

  async names(object: string, key: string): Promise<string[]> {
    return [...(this.#places.get(idOf(object, key))?.entries.keys() ?? [])];
  }

  async write(object: string, key: string, task: string, name: string, text: string | null): Promise<boolean> {
    const { entries, holder } = this.#place(object, key);
    if (holder?.task !== task) return false;
    if (text === null) entries.delete(name);
    else entries.set(name, text);
    return true;
  }

  async clear(object: string, key: string, task: string): Promise<boolean> {
    const { entries, holder } = this.#place(object, key);
    if (holder?.task !== task) return false;
    entries.clear();
    return true;
  }

  async enter(turn: Turn, arrived: number): Promise<void> {
    const { queue } = this.#place(turn.object, turn.key);
    if (queue.some(({ id }) => id === turn.id)) return;
    const later = queue.findIndex((other) => other.arrived > arrived);
    queue.splice(later < 0 ? queue.length : later, 0, { ...turn, arrived, wake: null });
  }

  async wait(turn: Turn, wake: string): Promise<void> {
    const queued = this.#place(turn.object, turn.key).queue.find(({ id }) => id === turn.id);
    if (queued !== undefined) queued.wake = wake;
  }

  async leave(turn: Turn): Promise<void> {
    const place = this.#place(turn.object, turn.key);
    const index = place.queue.findIndex(({ id }) => id === turn.id);
    if (index >= 0) place.queue.splice(index, 1);
    if (place.holder?.id === turn.id) place.holder = null;
    if (place.queue.length + place.entries.size === 0) this.#places.delete(idOf(turn.object, turn.key));
  }

  async grant(object: string, key: string): Promise<Holder | null> {
    const place = this.#places.get(idOf(object, key));
    if (place === undefined) return null;
    place.holder ??= place.queue[0] ?? null;
    return place.holder && { ...place.holder };
  }

  #place(object: string, key: string): Place {
    const id = idOf(object, key);
    const place = this.#places.get(id) ?? { entries: new Map(), queue: [], holder: null };
    this.#places.set(id, place);
    return place;
  }
}

function idOf(object: string, key: string): string {
  return JSON.stringify([object, key]);
}

/** One state per process, also where this module is loaded twice: by `import` and by `require`, or from two bundles. */
function placesOfProcess(): Map<string, Place> {
  const shared = globalThis as { [places: symbol]: Map<string, Place> | undefined };
  return (shared[Symbol.for("durable.state")] ??= new Map());
}

import type { Durable } from "./durable.js";
import type { Work } from "./work.js";

/** Waits for a handle where there is one: `(yield* awaited(handles.get(id))) ?? fallback`. */
export function* awaited<T, N extends null | undefined>(handle: Durable<T> | N): Work<T | N> {
  return handle ? yield* handle : (handle as N);
}

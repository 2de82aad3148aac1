/** The places of a value that are not the same in two runs that differ in time and chance only: `.order.at`, `[2]`. */
export type Volatile = ReadonlySet<string>;

/** Finds the places where two values differ. Members that are undefined count as absent, as in JSON. */
export function volatilePlaces(one: unknown, other: unknown): Volatile {
  const places = new Set<string>();
  for (const place of differences(one, other, "")) places.add(place);
  return places;
}

/** True where two values are the same but for places that differ from run to run anyway; those only keep their type. */
export function isSame(expected: unknown, actual: unknown, volatile: Volatile = new Set()): boolean {
  for (const place of differences(expected, actual, "")) if (!volatile.has(place)) return false;
  return true;
}

function* differences(one: unknown, other: unknown, place: string): Generator<string> {
  if (Object.is(one, other)) return;
  if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other) || one instanceof Error !== other instanceof Error) {
    yield place;
  } else if (one instanceof Error) {
    if (one.name !== (other as Error).name || one.message !== (other as Error).message) yield place;
  } else {
    for (const name of new Set([...Object.keys(one), ...Object.keys(other)])) {
      yield* differences(Reflect.get(one, name), Reflect.get(other, name), `${place}.${name}`);
    }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

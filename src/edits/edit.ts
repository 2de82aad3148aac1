/** A half-open range of offsets (UTF-16 units) in a file's text, without its byte order mark. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** One change to a file's text. An insertion is a replacement of an empty range. */
export interface Edit extends TextRange {
  readonly text: string;
  /** Where several insertions meet at one offset, the lower order comes first; 0 unless stated. */
  readonly order?: number;
}

/** The edit whose range covers an offset, among edits sorted by start that do not overlap; found by bisection. */
export function editAt(sorted: readonly Edit[], offset: number): Edit | undefined {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.end ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  const found = sorted[low];
  return found && found.start <= offset ? found : undefined;
}

import type { Io } from "./io.js";

const MILLISECONDS_BETWEEN = 80;
const WIDTH = 79;

/** A line on the standard error that says what the tool is busy with, while somebody watches. */
export interface Progress {
  show(phase: string, detail: string): void;
  /** Takes the line away. */
  end(): void;
}

/** Gives a progress line that rewrites itself; one that prints nothing unless `io` is interactive and `enabled`. */
export function progressLine(io: Io, enabled: boolean): Progress {
  if (!enabled || !io.interactive) return { show: () => undefined, end: () => undefined };
  let last = 0;
  let shown = false;
  return {
    show(phase, detail) {
      const now = performance.now();
      if (now - last < MILLISECONDS_BETWEEN) return;
      last = now;
      shown = true;
      io.err(`\r\x1b[K${fitting(`${phase} ${detail}`)}`);
    },
    end() {
      if (shown) io.err("\r\x1b[K");
      shown = false;
    },
  };
}

function fitting(line: string): string {
  return line.length <= WIDTH ? line : `${line.slice(0, WIDTH / 2 - 2)}...${line.slice(-WIDTH / 2 + 2)}`;
}

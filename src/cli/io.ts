/** Where a command prints. Only `src/cli` has one. */
export interface Io {
  /** Takes text for the standard output. */
  out(text: string): void;
  /** Takes text for the standard error. */
  err(text: string): void;
  /** Whether the standard output shows colours. */
  readonly colour: boolean;
  /** Whether a person watches the standard error. */
  readonly interactive: boolean;
}

/** Gives the process's own streams; colour follows NO_COLOR, FORCE_COLOR and whether a terminal listens. */
export function processIo(): Io {
  const { stdout, stderr, env } = process;
  for (const stream of [stdout, stderr]) stream.on("error", ignoreClosedPipe);
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    colour: showsColour(stdout.isTTY, env),
    interactive: stderr.isTTY && env.TERM !== "dumb",
  };
}

/** Decides on colours by the conventions of no-color.org and force-color.org; NO_COLOR wins. */
export function showsColour(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== "0" && env.FORCE_COLOR !== "false";
  return isTerminal && env.TERM !== "dumb";
}

/** `restate-to-resonate x | head` closes the pipe: the rest of the text is not wanted, the exit code still is. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

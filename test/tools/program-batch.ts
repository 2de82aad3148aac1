import fc from "fast-check";
import { type GeneratedProgram, generateProgram, type ProgramOptions } from "./program.js";
import type { Placed } from "./program-checks.js";

/** Stands for what makes a program's names differ from those of the others in its batch. */
const mine = "Q_Q";

/** As many programs by fast-check. */
export function batchesOf(size: number, options: Omit<ProgramOptions, "prefix"> = {}): fc.Arbitrary<GeneratedProgram[]> {
  // One generator for all: fc.array would begin each with the same random numbers, and give the same program again and again.
  // Without bias: the first runs of a property would be of the simplest programs.
  return fc.noBias(fc.gen().map((draw) => Array.from({ length: size }, () => generateProgram((max) => draw(fc.nat, { max }), { ...options, prefix: mine }))));
}

/** Gives each program a folder and names of its own: `q0`, `q1`, ... */
export function place(list: readonly GeneratedProgram[]): Placed[] {
  return list.map((program, index) => {
    const own = (text: string): string => text.replaceAll(mine, `q${index}_`);
    return {
      dir: `q${index}`,
      program: {
        ...program,
        files: Object.fromEntries(Object.entries(program.files).map(([path, text]) => [path, own(text)])),
        sentinels: program.sentinels.map(own),
        services: program.services.map((service) => ({ ...service, name: own(service.name) })),
      },
    };
  });
}

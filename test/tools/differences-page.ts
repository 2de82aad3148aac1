import { catalogue, type CatalogueEntry, rangeOf, titleOf } from "../../src/report/catalogue.js";

const INTRODUCTION = `# What behaves differently

<!-- Written by test/tools/docs.ts from src/report/catalogue.ts: change it there. -->

Every difference that the tool reports at a line of your code: what Restate did there, what Resonate does with the migrated
code, and what to choose. \`restate-to-resonate explain <code>\` prints one of them. What holds in every migrated program, and is
not reported at each line, is in the [README](../README.md#what-stays-different).`;

/** The text of `docs/differences.md`: every entry of the catalogue that has a difference, in the order of the codes. */
export function differencesPage(): string {
  const entries = Object.entries(catalogue).filter(([, { difference }]) => difference !== undefined);
  const ranges = [...new Set(entries.map(([code]) => code.slice(0, 3)))];
  const parts = ranges.map((range) => [rangeHeading(range), ...entries.filter(([code]) => code.startsWith(range)).map(entryText)].join("\n\n"));
  return `${[INTRODUCTION, ...parts].join("\n\n")}\n`;
}

function rangeHeading(range: string): string {
  const { severity, meaning } = rangeOf(range);
  return `## ${range}..: ${severity}s\n\n${meaning}`;
}

function entryText([code, entry]: [string, CatalogueEntry]): string {
  const { restate = "", resonate = "", choose = "" } = entry.difference ?? {};
  return `### ${code}\n\n${titleOf(entry)}\n\n- **Restate**: ${restate}\n- **Resonate**: ${resonate}\n- **Choose**: ${choose}`;
}

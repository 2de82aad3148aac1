import { checkCatalogue } from "../check/catalogue.js";
import { titleOfCheck } from "../check/text.js";
import { UsageError } from "../errors.js";
import { catalogue, entryOf, rangeOf, titleOf } from "../report/catalogue.js";
import type { Io } from "./io.js";

const NEAREST = 3;

/**
 * Prints what the catalogues say of a code: `R0218`, in either case, with or without the brackets of a marker, or `C0104` of `check`.
 * Gives exit code 0. Throws UsageError for a code that is in neither catalogue, with those that are nearest to it.
 */
export function explain(code: string, io: Io): number {
  const ofCheck = checkCatalogue.find((entry) => entry.code === code.toUpperCase());
  if (ofCheck) {
    io.out(`${ofCheck.code}  ${ofCheck.severity ?? "error"}: found by check\n\n${titleOfCheck(ofCheck)}\n\nWhy:       ${ofCheck.why}\n\nWay out:   ${ofCheck.help}\n`);
    return 0;
  }
  const known = code.toUpperCase().replace(/[^R\d]/g, "");
  if (!Object.hasOwn(catalogue, known)) throw new UsageError(`There is no code ${code}. The nearest:\n${nearest(known).join("\n")}`);
  io.out(explanation(known));
  return 0;
}

function explanation(code: string): string {
  const entry = entryOf(code);
  const { severity, help, difference } = entry;
  const paragraphs = [`${code}  ${severity}: ${rangeOf(code).meaning}`, titleOf(entry)];
  if (difference) paragraphs.push(`Restate:   ${difference.restate}`, `Resonate:  ${difference.resonate}`, `Choose:    ${difference.choose}`);
  else paragraphs.push(`Way out:   ${help}`);
  return `${paragraphs.join("\n\n")}\n`;
}

/** The codes that differ from a text in the fewest characters; of these, the nearest by number. */
function nearest(text: string): string[] {
  const distance = (code: string): number => [...code].filter((character, index) => character !== text[index]).length;
  const gap = (code: string): number => Math.abs(numberOf(code) - numberOf(text));
  return Object.keys(catalogue)
    .sort((a, b) => distance(a) - distance(b) || gap(a) - gap(b))
    .slice(0, NEAREST)
    .map((code) => `  ${code}  ${titleOf(entryOf(code))}`);
}

function numberOf(code: string): number {
  return Number(code.replace(/\D/g, ""));
}

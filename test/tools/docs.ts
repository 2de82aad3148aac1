// npx tsx test/tools/docs.ts: writes the pages in docs/ that are made from the source.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { differencesPage } from "./differences-page.js";

const page = fileURLToPath(new URL("../../docs/differences.md", import.meta.url));
mkdirSync(dirname(page), { recursive: true });
writeFileSync(page, differencesPage());
console.log(`written: ${page}`);

import { findNodeAtLocation, parseTree } from "jsonc-parser";
import { ts } from "../analysis/compiler.js";
import { isRestate } from "../analysis/references.js";
import { isRecord, parseJsonFile } from "../project/json-file.js";
import { remains } from "./catalogue.js";
import { type Finding, findingAt } from "./finding.js";

const MARKER = /\/\/ (restate-to-resonate\[R\d{4}\]: [^\r\n]*)/g;

/** Imports of Restate's packages, markers, and variables of Restate's server in a source file. */
export function leftInSource(path: string, text: string): Finding[] {
  const markers = [...text.matchAll(MARKER)].map(({ index, 1: marker = "" }) => findingAt(remains.marker, path, text, index, marker));
  if (!/restate/i.test(text)) return markers;
  const imports = ts
    .preProcessFile(text, true, true)
    .importedFiles.filter(({ fileName }) => isRestate(fileName))
    .map(({ fileName, pos }) => findingAt(remains.import, path, text, pos, fileName));
  const variables = [...text.matchAll(/\bRESTATE_[A-Z]\w*/g)].map(({ index, 0: name }) => findingAt(remains.mention, path, text, index, name));
  return [...markers, ...imports, ...variables];
}

/** Texts that start, deploy or configure something, as opposed to documentation. */
const CONFIGURATION = /\.(sh|bash|zsh|ya?ml|toml|tf)$|(^|\/)(Makefile|justfile|Taskfile|Dockerfile[^/]*|Procfile|[^/]*\.dockerfile)$/i;

/** Lines of a script or a configuration file that are about Restate, comments aside. */
export function leftInConfiguration(path: string, text: string): Finding[] {
  if (!CONFIGURATION.test(path)) return [];
  let start = 0;
  return text.split("\n").flatMap((line) => {
    const at = start;
    start += line.length + 1;
    const mention = mentionIn(line.replace(/(^|\s)#.*/, ""));
    return mention ? [findingAt(remains.mention, path, text, at + mention.index, mention.text)] : [];
  });
}

/** `restate`, `restatedev/restate:1.4`, `RESTATE_INGRESS_URL`, the port of the admin API; not the name of this tool. */
function mentionIn(line: string): { readonly index: number; readonly text: string } | undefined {
  const found = /(?<![\w-])@?restate(?!-to-resonate)[\w/@:.-]*|:9070\b/i.exec(line);
  return found ? { index: found.index, text: found[0] } : undefined;
}

const DEPENDENCIES = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies", "overrides", "resolutions"];

/** Restate's packages among a package's dependencies, and its scripts that are about Restate. Nothing where the text is no JSON object. */
export function leftInManifest(path: string, text: string): Finding[] {
  const { value } = parseJsonFile(path, text, false);
  const tree = parseTree(text);
  const at = (...location: string[]): number => (tree && findNodeAtLocation(tree, location)?.parent?.offset) ?? 0;
  const membersOf = (field: string): [string, unknown][] => (isRecord(value[field]) ? Object.entries(value[field]) : []);
  const packages = DEPENDENCIES.flatMap((field) =>
    membersOf(field)
      .filter(([name]) => isRestate(name))
      .map(([name]) => findingAt(remains.dependency, path, text, at(field, name), name)),
  );
  const scripts = membersOf("scripts").flatMap(([name, command]) => {
    const mention = typeof command === "string" ? mentionIn(command) : undefined;
    return mention ? [findingAt(remains.mention, path, text, at("scripts", name), `${name}: ${mention.text}`)] : [];
  });
  return [...packages, ...scripts];
}

import { findNodeAtLocation, parseTree } from "jsonc-parser";
import { ts } from "../analysis/compiler.js";
import { isRestate } from "../analysis/references.js";
import { walk } from "../analysis/syntax.js";
import { isRecord, parseJsonFile } from "../project/json-file.js";
import { addressIn, type IngressPath, mayMentionServer, serverMentions } from "../restate-server.js";
import { remains } from "./catalogue.js";
import { type Finding, findingAt } from "./finding.js";

const MARKER = /\/\/ (restate-to-resonate\[R\d{4}\]: [^\r\n]*)/g;

/** Names that functions are registered under, to know a call of a handler by its path. */
export type KnownHandlers = ReadonlySet<string>;

/** The names that texts register functions under, as far as they stand there. */
export function registeredNames(texts: Iterable<string>): KnownHandlers {
  return new Set([...texts].flatMap((text) => [...text.matchAll(/\.register\(\s*["'`]([^"'`]+)["'`]/g)].map(([, name = ""]) => name)));
}

/** Imports of Restate's packages, markers, and variables and addresses of Restate's server in a source file. */
export function leftInSource(path: string, text: string, handlers: KnownHandlers = new Set()): Finding[] {
  const markers = [...text.matchAll(MARKER)].map(({ index, 1: marker = "" }) => findingAt(remains.marker, path, text, index, marker));
  if (!mayMentionServer(text)) return markers;
  const imports = ts
    .preProcessFile(text, true, true)
    .importedFiles.filter(({ fileName }) => isRestate(fileName))
    .map(({ fileName, pos }) => findingAt(remains.import, path, text, pos, fileName));
  return [...markers, ...imports, ...serverInSource(path, text, handlers)];
}

/** Variables and addresses of Restate's server in code and its texts; comments do nothing. */
function serverInSource(path: string, text: string, handlers: KnownHandlers): Finding[] {
  const found: Finding[] = [];
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  walk(file, (node) => {
    const start = node.getStart(file);
    if (ts.isIdentifier(node) && VARIABLE.test(node.text)) found.push(findingAt(remains.mention, path, text, start, node.text));
    if ((!ts.isStringLiteralLike(node) && !ts.isTemplateExpression(node)) || ts.isImportDeclaration(node.parent) || ts.isExportDeclaration(node.parent)) return;
    const variable = VARIABLE.exec(node.getText(file).slice(1, -1));
    const address = addressIn(node.getText(file), (call) => isKnown(call, handlers)) ?? ingressIn(node, file);
    if (variable) found.push(findingAt(remains.mention, path, text, start, variable[0]));
    if (address) found.push(findingAt(remains.address, path, text, start + address.start, address.text));
  });
  return found;
}

const VARIABLE = /^RESTATE_[A-Z]\w*$/;

/** The port of the ingress where the line says so. */
function ingressIn(node: ts.Node, file: ts.SourceFile): { readonly start: number; readonly text: string } | undefined {
  const port = /:8080\b/.exec(node.getText(file));
  if (!port) return undefined;
  const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
  const [from, to] = [file.getPositionOfLineAndCharacter(line, 0), file.getLineStarts()[line + 1]];
  return /ingress|restate(?!-to-)/i.test(file.text.slice(from, to).replace(/\s\/\/.*/, "")) ? { start: port.index, text: port[0] } : undefined;
}

function isKnown({ service, segments }: IngressPath, handlers: KnownHandlers): boolean {
  return segments.slice(0, 2).some((segment) => handlers.has(segment) || handlers.has(`${service}.${segment}`));
}

/** Texts that start, deploy, call or configure something, as opposed to documentation. */
const CONFIGURATION = /\.(sh|bash|zsh|ya?ml|toml|tf|http|rest|jsonc?)$|(^|\/)(Makefile|justfile|Taskfile|Dockerfile[^/]*|Procfile|Jenkinsfile|\.env[^/]*|[^/]*\.dockerfile)$/i;

/** Lines of a script or a configuration file that are about Restate, comments aside. */
export function leftInConfiguration(path: string, text: string, handlers: KnownHandlers = new Set()): Finding[] {
  if (!CONFIGURATION.test(path)) return [];
  // A topic of Kafka is Restate's where it goes to one of its services.
  const subscribes = /restate|:9070|\b(service|object|workflow):\/\//i.test(text);
  return serverMentions(text, (call) => isKnown(call, handlers))
    .filter(({ kind }) => kind !== "subscription" || subscribes)
    .map(({ kind, start, text: said }) => findingAt(kind === "address" ? remains.address : remains.mention, path, text, start, said));
}

const DEPENDENCIES = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies", "overrides", "resolutions"];

/** Restate's packages among a package's dependencies, and its scripts that are about Restate. Nothing where the text is no JSON object. */
export function leftInManifest(path: string, text: string, handlers: KnownHandlers = new Set()): Finding[] {
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
    const [mention] = typeof command === "string" ? serverMentions(command, (call) => isKnown(call, handlers), true) : [];
    return mention ? [findingAt(mention.kind === "address" ? remains.address : remains.mention, path, text, at("scripts", name), `${name}: ${mention.text}`)] : [];
  });
  return [...packages, ...scripts];
}

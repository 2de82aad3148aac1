import { dirname, relative } from "node:path/posix";
import type { BindingFact, FileFacts } from "../analysis/file-model.js";
import { type Edit, editAt, type TextRange } from "./edit.js";
import { commentsIn, commentsOf } from "./comments.js";
import { lineEnd, lineStart, type TextStyle } from "./style.js";

/** A name that a file needs, from a package or from a file of the codebase; no name: the module is imported for its effect. */
export interface ImportRequest {
  readonly name?: string;
  /** The name under which the file knows it, if another. */
  readonly as?: string;
  readonly from: { readonly package: string } | { readonly file: string };
  readonly typeOnly?: boolean;
}

export interface ImportContext {
  readonly facts: FileFacts;
  readonly style: TextStyle;
  /** Bindings that must go although nothing else says so. */
  readonly gone: (binding: BindingFact) => boolean;
  /** The extension that imports of source files carry where the file itself shows no habit. */
  readonly extension: "" | ".js";
}

/** Edits to the imports of a file after all its other edits: nothing unused stays, nothing needed is missing. */
export function importEdits(context: ImportContext, edits: readonly Edit[], requests: readonly ImportRequest[]): Edit[] {
  const plan = new ImportPlan(context, edits, requests);
  return plan.edits();
}

interface Addition {
  readonly specifier: string;
  readonly names: { readonly name: string; readonly as?: string; readonly typeOnly: boolean }[];
  readonly effect: boolean;
}

class ImportPlan {
  readonly #dead: ReadonlySet<BindingFact>;
  readonly #result: Edit[] = [];
  readonly #additions: Addition[];

  readonly #requested: readonly ImportRequest[];
  readonly #byDeclaration = new Map<number, BindingFact[]>();
  readonly #byModule = new Map<string, BindingFact[]>();
  /** How files of the codebase are imported today. */
  readonly #written = new Map<string, string>();

  constructor(
    readonly context: ImportContext,
    edits: readonly Edit[],
    requests: readonly ImportRequest[],
  ) {
    this.#requested = requests;
    for (const binding of context.facts.bindings) {
      if (binding.form === "reexport") continue;
      listOf(this.#byDeclaration, binding.declaration.start).push(binding);
      if (binding.module === "") continue;
      listOf(this.#byModule, binding.module).push(binding);
      if (binding.resolved !== undefined && !this.#written.has(binding.resolved)) this.#written.set(binding.resolved, binding.module);
    }
    const replaced = edits.filter((edit) => edit.end > edit.start).sort((a, b) => a.start - b.start);
    const inserted = edits.map((edit) => edit.text).join("\n");
    this.#dead = this.#findDead(replaced, inserted);
    this.#additions = this.#group(requests);
  }

  edits(): Edit[] {
    const pending = [...this.#additions];
    const fresh: Addition[] = [];
    for (const addition of pending) if (!this.#extend(addition)) fresh.push(addition);
    const removed = this.#removals();
    this.#write(fresh, removed);
    return this.#result;
  }

  /** A name whose only use is in a declaration that goes away goes as well: `const { sendOpts } = rpc`. */
  #findDead(replaced: readonly Edit[], inserted: string): ReadonlySet<BindingFact> {
    const { bindings } = this.context.facts;
    for (let dead = new Set<BindingFact>(); ; ) {
      const gone = [...dead].filter((binding) => this.#byDeclaration.get(binding.declaration.start)?.every((other) => dead.has(other)));
      const covered = [...replaced, ...gone.map((binding) => ({ ...binding.declaration, text: "" }))].sort((a, b) => a.start - b.start);
      const next = new Set(bindings.filter((binding) => binding.form !== "reexport" && (dead.has(binding) || this.#isDead(binding, covered, inserted))));
      if (next.size === dead.size) return next;
      dead = next;
    }
  }

  #isDead(binding: BindingFact, replaced: readonly Edit[], inserted: string): boolean {
    if (this.context.gone(binding)) return true;
    const survives = binding.references.some((offset) => editAt(replaced, offset) === undefined);
    const taken = this.#requested.some((request) => (request.as ?? request.name) === binding.local && !this.#sameModule(binding, request.from));
    if (survives || (!taken && mentions(inserted, binding.local))) return false;
    return binding.references.length > 0 || binding.module.startsWith("@restatedev/");
  }

  #group(requests: readonly ImportRequest[]): Addition[] {
    const groups = new Map<string, Addition>();
    for (const request of requests) {
      const specifier = "package" in request.from ? request.from.package : this.#relative(request.from.file);
      if ("file" in request.from && request.from.file === this.context.facts.path) continue;
      const group = groups.get(specifier) ?? { specifier, names: [], effect: false };
      const known = request.name !== undefined && this.#alreadyBound(request);
      const same = group.names.findIndex((name) => name.name === request.name && name.as === request.as);
      const typeOnly = request.typeOnly ?? false;
      if (request.name !== undefined && !known && same < 0) group.names.push({ name: request.name, as: request.as, typeOnly });
      else if (request.name !== undefined && same >= 0 && !typeOnly) group.names[same] = { name: request.name, as: request.as, typeOnly };
      groups.set(specifier, request.name === undefined ? { ...group, effect: true } : group);
    }
    return [...groups.values()].filter((group) => group.names.length > 0 || group.effect).sort((a, b) => rank(a) - rank(b));
  }

  #alreadyBound(request: ImportRequest): boolean {
    const module = "package" in request.from ? request.from.package : (this.#written.get(request.from.file) ?? "");
    return this.#from(module).some((binding) => !this.#dead.has(binding) && binding.local === (request.as ?? request.name));
  }

  #sameModule(binding: BindingFact, from: ImportRequest["from"]): boolean {
    return "package" in from ? binding.module === from.package : binding.resolved === from.file;
  }

  /** Adds names to an import that stays, or that gives its place to them. Says whether that was possible. */
  #extend(addition: Addition): boolean {
    if (this.#extendTypes(addition)) return true;
    const home = this.#homeOf(addition.specifier);
    if (!home || addition.names.length === 0) return addition.effect && home !== undefined && this.#keepsEffect(addition.specifier);
    const kept = home.filter((binding) => !this.#dead.has(binding));
    // `import { type T }` may still load the module: where nothing else is imported any more, a declaration of types takes its place.
    if (kept.length === 0 && addition.names.every((name) => name.typeOnly)) return false;
    // A list that has its names on lines of their own gets new ones the same way.
    const source = this.context.facts.text;
    const last = kept.at(-1);
    const [opening] = home;
    const start = opening ? lineStart(source, opening.specifier.start) : 0;
    const separator = opening && source.slice(start, opening.specifier.start).trim() === "" ? `,${this.context.style.eol}${source.slice(start, opening.specifier.start)}` : ", ";
    const text = addition.names.map((name) => this.#specifier(name, true)).join(separator);
    if (last) this.#result.push({ start: last.specifier.end, end: last.specifier.end, text: separator + text });
    else {
      const [first] = home;
      const end = home.at(-1)?.specifier.end;
      if (!first || end === undefined) return false;
      this.#result.push({ start: first.specifier.start, end, text });
      for (const binding of home) this.#handled.add(binding);
    }
    return true;
  }

  /** Adds types to a declaration of types that stays. */
  #extendTypes(addition: Addition): boolean {
    if (addition.names.length === 0 || addition.effect || addition.names.some((name) => !name.typeOnly)) return false;
    const last = this.#from(addition.specifier).findLast((binding) => binding.form === "named" && this.#typeDeclaration(binding) && !this.#dead.has(binding));
    if (!last) return false;
    this.#result.push({ start: last.specifier.end, end: last.specifier.end, text: addition.names.map((name) => `, ${this.#specifier(name, false)}`).join("") });
    return true;
  }

  readonly #handled = new Set<BindingFact>();

  /** The named specifiers of an import declaration of a module to which names can be added. */
  #homeOf(specifier: string): BindingFact[] | undefined {
    const named = this.#from(specifier).filter((binding) => (binding.form === "named" || binding.form === "require-named") && !this.#typeDeclaration(binding));
    const [first] = named;
    return first && named.filter((binding) => binding.declaration.start === first.declaration.start);
  }

  #from(specifier: string): readonly BindingFact[] {
    return this.#byModule.get(specifier) ?? [];
  }

  #typeDeclaration(binding: BindingFact): boolean {
    return /^import\s+type\b/.test(this.context.facts.text.slice(binding.declaration.start));
  }

  /** An import of values that stays also runs the module; one of types may be dropped by the compiler. */
  #keepsEffect(specifier: string): boolean {
    return this.context.facts.commonjs && this.#from(specifier).some((binding) => !this.#dead.has(binding));
  }

  #specifier(name: Addition["names"][number], inline: boolean): string {
    const { commonjs } = this.context.facts;
    const alias = name.as === undefined || name.as === name.name ? name.name : commonjs ? `${name.name}: ${name.as}` : `${name.name} as ${name.as}`;
    return inline && name.typeOnly ? `type ${alias}` : alias;
  }

  /** Removes what is dead; gives the ranges of declarations that went away as a whole. */
  #removals(): TextRange[] {
    const whole: TextRange[] = [];
    for (const bindings of this.#byDeclaration.values()) {
      const dead = bindings.filter((binding) => this.#dead.has(binding));
      const [first] = bindings;
      if (!first || dead.length === 0 || dead.every((binding) => this.#handled.has(binding))) continue;
      if (dead.length === bindings.length) whole.push(first.declaration);
      else this.#thin(bindings);
    }
    return whole;
  }

  /** Removes some names of a declaration and keeps the others as they are written. */
  #thin(bindings: readonly BindingFact[]): void {
    const { text } = this.context.facts;
    const named = bindings.filter((binding) => binding.form === "named" || binding.form === "require-named");
    const lead = bindings.find((binding) => binding.form === "default");
    const space = bindings.find((binding) => binding.form === "namespace");
    const keptNamed = named.filter((binding) => !this.#dead.has(binding));
    if (lead && this.#dead.has(lead)) this.#result.push({ start: lead.specifier.start, end: space ? space.specifier.start : text.indexOf("{", lead.specifier.end), text: "" });
    if (lead && space && this.#dead.has(space)) this.#result.push({ start: lead.specifier.end, end: space.specifier.end, text: "" });
    if (lead && named.length > 0 && keptNamed.length === 0 && !named.some((binding) => this.#handled.has(binding))) {
      this.#result.push({ start: lead.specifier.end, end: text.indexOf("}", named.at(-1)?.specifier.end ?? 0) + 1, text: "" });
      return;
    }
    named.forEach((binding, index) => {
      if (!this.#dead.has(binding) || this.#handled.has(binding)) return;
      const next = named[index + 1];
      const lastKept = keptNamed.at(-1);
      const trailing = lastKept !== undefined && binding.specifier.start > lastKept.specifier.start;
      const line = { start: lineStart(text, binding.specifier.start), end: lineEnd(text, binding.specifier.end) };
      const first = text.slice(line.start, binding.specifier.start).trim() === "";
      const alone = first && /^[ \t]*,[ \t]*\r?\n$/.test(text.slice(binding.specifier.end, line.end));
      // Where the lines begin with names, the next one's indentation belongs to it.
      const following = next && first && line.end <= next.specifier.start ? lineStart(text, next.specifier.start) : next?.specifier.start;
      const range = !trailing && following !== undefined ? { start: binding.specifier.start, end: following } : { start: named[index - 1]?.specifier.end ?? binding.specifier.start, end: binding.specifier.end };
      if (alone) this.#result.push({ ...line, text: "" });
      else this.#result.push({ ...range, text: commentsOf(text, range, this.context.style.eol) });
    });
  }

  /** Writes new imports where the first removed one stood, else after the last import, else at the top. */
  #write(additions: readonly Addition[], removed: readonly TextRange[]): void {
    const { text, declarations, importAnchor } = this.context.facts;
    // What is imported for its effect comes last, as close to where it ran before as can be told.
    const lines = additions.filter((addition) => addition.names.length > 0).flatMap((addition) => this.#lines(addition));
    const effects = additions.filter((addition) => addition.names.length === 0).flatMap((addition) => this.#lines(addition));
    this.#writeEffects(effects, removed);
    const [first, ...others] = removed;
    const { eol } = this.context.style;
    const comments = (range: TextRange): string[] => commentsIn(text, range).map((comment) => text.slice(comment.start, comment.end));
    if (first && lines.length > 0) this.#result.push({ ...first, text: [...comments(first), ...lines].join(eol) });
    for (const range of lines.length > 0 ? others : removed) {
      const kept = comments(range);
      this.#result.push(kept.length > 0 ? { ...range, text: kept.join(eol) } : wholeLine(text, range));
    }
    if (first || lines.length === 0) return;
    const last = declarations.at(-1);
    if (last) this.#result.push({ start: last.end, end: last.end, text: eol + lines.join(eol), order: -1 });
    else this.#result.push({ start: importAnchor, end: importAnchor, text: lines.join(eol) + eol + eol, order: Number.MIN_SAFE_INTEGER });
  }

  #writeEffects(lines: readonly string[], removed: readonly TextRange[]): void {
    if (lines.length === 0) return;
    const { text, declarations, importAnchor } = this.context.facts;
    const { eol } = this.context.style;
    const last = declarations.at(-1) ?? removed.at(-1);
    if (!last) this.#result.push({ start: importAnchor, end: importAnchor, text: lines.join(eol) + eol, order: Number.MIN_SAFE_INTEGER });
    else {
      const at = lineEnd(text, last.end);
      const isOpen = at > 0 && text[at - 1] !== "\n";
      this.#result.push({ start: at, end: at, text: (isOpen ? eol : "") + lines.join(eol) + eol, order: -1 });
    }
  }

  #lines({ specifier, names, effect }: Addition): string[] {
    const { quote, semicolon } = this.context.style;
    const { commonjs } = this.context.facts;
    const module = `${quote}${specifier}${quote}`;
    const values = names.filter((name) => !name.typeOnly);
    const onlyTypes = names.length > 0 && values.length === 0;
    const list = names.map((name) => this.#specifier(name, !onlyTypes)).join(", ");
    const lines: string[] = [];
    if (names.length > 0) lines.push(commonjs ? `const { ${list} } = require(${module})${semicolon}` : `import ${onlyTypes ? "type " : ""}{ ${list} } from ${module}${semicolon}`);
    if (effect && values.length === 0) lines.push(commonjs ? `require(${module})${semicolon}` : `import ${module}${semicolon}`);
    return lines;
  }

  #relative(target: string): string {
    const { path, bindings } = this.context.facts;
    const habit = bindings.find((binding) => binding.module.startsWith("."))?.module;
    const written = this.#written.get(target);
    if (written !== undefined) return written;
    const from = relative(dirname(path), target);
    const stem = (from.startsWith(".") ? from : `./${from}`).replace(/\.([cm]?)[jt]sx?$/, "");
    const flavour = /\.([cm]?)[jt]sx?$/.exec(target)?.[1] ?? "";
    const extension = habit === undefined ? this.context.extension : (/\.[cm]?([jt])sx?$/.exec(habit)?.[1] ?? "");
    if (extension === "") return stem;
    if (extension === "t") return from.startsWith(".") ? from : `./${from}`;
    return `${stem}.${flavour}js`;
  }
}

function listOf<K, V>(map: Map<K, V[]>, key: K): V[] {
  const list = map.get(key);
  if (list) return list;
  const created: V[] = [];
  map.set(key, created);
  return created;
}

function rank(addition: Addition): number {
  return addition.specifier.startsWith(".") ? 1 : 0;
}

/** A declaration with its line break, when it has its line for itself. */
function wholeLine(text: string, range: TextRange): Edit {
  const start = lineStart(text, range.start);
  const alone = text.slice(start, range.start).trim() === "" && /^[ \t]*(\r?\n|$)/.test(text.slice(range.end));
  return alone ? { start, end: lineEnd(text, range.end), text: "" } : { ...range, text: "" };
}

/** Whether code mentions a name; a string that is the name does not. */
function mentions(text: string, name: string): boolean {
  return new RegExp(`(?<![\\w$."'])${name.replaceAll("$", "\\$")}(?![\\w$])`).test(text);
}

import type { FunctionShape } from "../analysis/shape-model.js";
import type { Yielding } from "../analysis/site-model.js";
import type { Output } from "./output.js";
import { commentsIn, commentsOf, keepingComments } from "./comments.js";
import type { TextRange } from "./edit.js";
import { outdented } from "./splice.js";
import { indentationAt, lineEnd, lineStart, type TextStyle } from "./style.js";

/** Puts a `yield*` in place of an `await` (or before an expression), with the parentheses the grammar needs. */
export function writeYield(out: Output, file: string, text: string, yielding: Yielding, before = "", after = ""): void {
  const { keyword, end, guard, bare, within } = yielding;
  const parens = yielding.parens || within !== undefined;
  const open = bare ? "" : `${guard && within === undefined ? ";" : ""}${within ?? ""}${parens ? "(" : ""}yield* `;
  // Comments come after the keyword: a line break before it would end a `return`.
  const head = open + commentsOf(text, keyword, text.includes("\r\n") ? "\r\n" : "\n") + before;
  if (keyword.end > keyword.start) out.replace(file, keyword, head);
  else if (head !== "") out.insert(file, keyword.start, head, -end);
  const tail = after + (parens ? ")" : "");
  if (tail !== "") out.insert(file, end, tail, -keyword.start);
}

/** How the head of a generator function is written. */
export interface GeneratorHead {
  /** `declare`: a function statement of that name; `keep`: whatever it is today, with an asterisk. */
  readonly name?: string;
  readonly exported?: boolean;
  readonly typescript: boolean;
  /** The type of the result, where there is no annotation but one is needed. */
  readonly resultType?: string;
  /** A statement to begin the body with. */
  readonly prologue?: string;
  /** The indentation the function has in the output; that of its line unless stated. */
  readonly indent?: string;
}

/** Turns a function into a generator function where it stands; an arrow function becomes a `function*`. */
export function writeGenerator(out: Output, file: string, text: string, shape: FunctionShape, head: GeneratorHead, style: TextStyle): void {
  const prefix = head.name === undefined ? "function*" : `${head.exported ? "export " : ""}function* ${head.name}`;
  if (shape.kind === "arrow") writeArrowHead(out, file, text, shape, prefix, style);
  else if (shape.kind === "method" && head.name !== undefined) {
    const before = { start: shape.range.start, end: shape.signature };
    out.replace(file, before, keepingComments(text, before, prefix, style.eol));
  }
  else if (shape.kind === "method") {
    if (shape.async) out.replace(file, shape.async, keepingComments(text, shape.async, "", style.eol));
    if (!shape.starred) out.insert(file, shape.asterisk ?? shape.range.start, "*");
  } else if (head.name !== undefined && shape.kind === "expression") out.replace(file, { start: shape.range.start, end: shape.signature }, keepingComments(text, { start: shape.range.start, end: shape.signature }, prefix, style.eol));
  else {
    if (shape.async) out.replace(file, shape.async, keepingComments(text, shape.async, "", style.eol));
    if (!shape.starred) out.insert(file, shape.asterisk ?? shape.range.start, "*");
  }
  // What gives items says so by a type of its own.
  if (head.typescript && shape.returnType && !shape.returnType.items) writeReturnType(out, file, text, shape.returnType, shape.async !== undefined);
  if (head.typescript && head.resultType !== undefined && !shape.bareParameter && !shape.starred) out.insert(file, shape.parameters.end, `: Generator<unknown, ${head.resultType}>`, 3);
  const indent = head.indent ?? indentationAt(text, shape.range.start);
  if (shape.bodyKind === "expression") writeBlockBody(out, file, text, shape, style, indent, head.prologue);
  else if (head.prologue !== undefined) {
    const line = style.eol + indent + style.indent;
    const inner = text.slice(shape.body.start + 1, shape.body.end - 1);
    const oneLine = !/^[ \t]*(\/\/.*)?\r?\n/.test(inner);
    out.insert(file, shape.body.start + 1, `${line}${head.prologue}${oneLine && inner.trim() !== "" ? line : ""}`, Number.MIN_SAFE_INTEGER);
    if (oneLine) unfold(out, file, { start: shape.body.start + 1, end: shape.body.end - 1 }, inner, style.eol + indent);
  }
}

/** A body on one line gets lines of its own: the blanks at its ends go. */
function unfold(out: Output, file: string, body: TextRange, inner: string, closing: string): void {
  const [before, after] = [/^[ \t]*/.exec(inner)?.[0].length ?? 0, /[ \t]*$/.exec(inner)?.[0].length ?? 0];
  if (before > 0) out.replace(file, { start: body.start, end: body.start + before }, "");
  if (/\n/.test(inner)) return;
  if (after > 0 && before < inner.length) out.replace(file, { start: body.end - after, end: body.end }, closing);
  else out.insert(file, body.end, closing, Number.MAX_SAFE_INTEGER);
}

function writeArrowHead(out: Output, file: string, text: string, shape: FunctionShape, prefix: string, style: TextStyle): void {
  const named = shape.variable;
  const start = named && prefix !== "function*" ? named.keyword.start : shape.range.start;
  const before = { start, end: shape.signature };
  const head = prefix === "function*" ? "function* " : prefix;
  const open = shape.bareParameter ? "(" : "";
  if (before.end > before.start) out.replace(file, before, keepingComments(text, before, head + open, style.eol));
  else out.insert(file, before.start, head + open, -shape.range.end);
  if (shape.bareParameter) out.insert(file, shape.parameters.end, ")");
  if (shape.bodyKind === "block") out.replace(file, { start: shape.headEnd, end: shape.body.start }, keepingComments(text, { start: shape.headEnd, end: shape.body.start }, " ", style.eol).replace(/^(?=\/)/, " "));
}

/** `=> value` becomes a block that returns the value. */
function writeBlockBody(out: Output, file: string, text: string, shape: FunctionShape, style: TextStyle, indent: string, prologue?: string): void {
  const { bodyValue, body } = shape;
  const first = prologue === undefined ? "" : `${prologue}${style.eol}${indent}${style.indent}`;
  const comments = keepingComments(text, { start: shape.headEnd, end: bodyValue.start }, "", style.eol);
  out.replace(file, { start: shape.headEnd, end: bodyValue.start }, ` {${style.eol}${indent}${style.indent}${first}${comments}return `);
  // The lines of the value stand one block deeper now.
  out.dedent(file, { range: bodyValue, columns: 0, indent: style.indent });
  const tail = `${style.semicolon}${style.eol}${indent}}`;
  if (body.end > bodyValue.end) out.replace(file, { start: bodyValue.end, end: body.end }, tail);
  // Of two bodies that end here the inner one comes first.
  else out.insert(file, body.end, tail, 1 - body.start);
}

/** `Promise<T>` becomes `Generator<unknown, T>`; any other type is what the generator returns. */
export function writeReturnType(out: Output, file: string, text: string, type: NonNullable<FunctionShape["returnType"]>, awaited: boolean): void {
  if (type.promise) {
    out.replace(file, type.promise.name, "Generator");
    out.insert(file, type.promise.argument.start, "unknown, ");
    return;
  }
  if (type.value !== undefined) return out.replace(file, type.range, `Generator<unknown, ${type.value}>`);
  const written = text.slice(type.range.start, type.range.end);
  const plain = /^(void|unknown|any|string|number|boolean)$/.test(written);
  const unwrapped = (awaited || type.thenable) && !plain;
  out.insert(file, type.range.start, `Generator<unknown, ${unwrapped ? "Awaited<" : ""}`);
  out.insert(file, type.range.end, unwrapped ? ">>" : ">");
}

/** Removes a statement with its line, and one of two blank lines that would meet, or one that would open a block. Comments inside of it stay. */
export function removeStatement(out: Output, file: string, text: string, range: TextRange): void {
  const comments = commentsIn(text, range).map((comment) => outdented(text, comment));
  if (comments.length > 0) {
    out.replace(file, range, comments.join(`\n${indentationAt(text, range.start)}`));
    return;
  }
  const start = lineStart(text, range.start);
  const alone = text.slice(start, range.start).trim() === "";
  const rest = /^[ \t]*;?[ \t]*(?=\r?\n|$)/.exec(text.slice(range.end))?.[0];
  if (!alone || rest === undefined) {
    out.replace(file, range, "");
    return;
  }
  let end = lineEnd(text, range.end);
  const blank = /\n([ \t]*\r?\n)+$/.exec(`\n${text.slice(0, start)}`)?.[0];
  const opensBlock = /\{[ \t]*\r?\n$/.test(text.slice(lineStart(text, Math.max(0, start - 1)), start));
  if ((start === 0 || blank !== undefined || opensBlock) && /^[ \t]*\r?\n/.test(text.slice(end))) end = lineEnd(text, end);
  // At the end of the file no blank line stays behind.
  const from = blank !== undefined && end === text.length ? start - (blank.length - 1) : start;
  out.replace(file, { start: Math.max(0, from), end }, "");
}

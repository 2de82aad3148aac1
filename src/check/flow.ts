import { ts } from "../analysis/compiler.js";
import type { FunctionNode } from "../analysis/syntax.js";

/** What may hold at a point of a function: gathered on some path that leads there. Nobody gets there where it is `undefined`. */
type Facts<T> = Set<T> | undefined;

/** A way out of a function, and what may hold there. */
export interface Exit<T> {
  /** The `return` or `throw`; the function itself where it is left at the end of its body. */
  readonly node: ts.Node;
  readonly facts: ReadonlySet<T>;
}

/** Told of every part of an expression, and of every function that is made, in the order in which they run; may change the facts. */
export type Evaluate<T> = (node: ts.Node, facts: Set<T>) => void;

/**
 * Follows every path through a function's own code, branches, loops, `try` and `finally` among them, and gives its exits. A condition
 * is taken to go both ways, unless it is a literal. `yield` may throw, which leads into the `catch` around it; an exit it is not. What
 * functions inside of it do is up to `evaluate`, which gets them whole.
 */
export function exitsOf<T>(fn: FunctionNode, evaluate: Evaluate<T>): readonly Exit<T>[] {
  const walk = new Walk(evaluate);
  if (fn.body && ts.isBlock(fn.body)) {
    const end = walk.statements(fn.body.statements, walk.parameters(fn));
    if (end) walk.exits.push({ node: fn, facts: end });
  }
  return walk.exits;
}

/** Where a jump may end, and what it carries there. */
type Frame<T> =
  | { readonly kind: "target"; readonly labels: readonly string[]; readonly isLoop: boolean; readonly isBreakable: boolean; afterBreak: Facts<T>; afterContinue: Facts<T> }
  | { readonly kind: "catch"; thrown: Facts<T> }
  | { readonly kind: "finally"; readonly block: ts.Block };

type Target<T> = Extract<Frame<T>, { kind: "target" }>;

class Walk<T> {
  readonly exits: Exit<T>[] = [];
  #frames: Frame<T>[] = [];

  constructor(readonly evaluate: Evaluate<T>) {}

  parameters({ parameters }: FunctionNode): Set<T> {
    const facts = new Set<T>();
    for (const parameter of parameters) this.#expression(parameter, facts);
    return facts;
  }

  statements(list: readonly ts.Statement[], start: Facts<T>): Facts<T> {
    return list.reduce<Facts<T>>((facts, statement) => facts && this.#statement(statement, facts, []), start);
  }

  #statement(node: ts.Statement, facts: Set<T>, labels: readonly string[]): Facts<T> {
    if (ts.isBlock(node)) return this.statements(node.statements, facts);
    if (ts.isIfStatement(node)) return this.#if(node, facts);
    if (ts.isIterationStatement(node, false)) return this.#loop(node, facts, labels);
    if (ts.isSwitchStatement(node)) return this.#switch(node, facts);
    if (ts.isLabeledStatement(node)) return this.#labeled(node, facts, labels);
    if (ts.isTryStatement(node)) return this.#try(node, facts);
    if (ts.isBreakOrContinueStatement(node)) {
      const kind = ts.isBreakStatement(node) ? "break" : "continue";
      return this.#jump((frame) => leadsTo(frame, kind, node.label?.text), (frame) => addTo(frame as Target<T>, kind === "break" ? "afterBreak" : "afterContinue", facts), facts);
    }
    if (ts.isReturnStatement(node) || ts.isThrowStatement(node)) {
      if (node.expression) this.#expression(node.expression, facts);
      return ts.isReturnStatement(node) ? this.#leave(node, facts) : this.#throw(facts, node);
    }
    // A declared function exists before anything runs; declarations of types never do anything.
    if (ts.isFunctionDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return facts;
    ts.forEachChild(node, (child) => this.#expression(child, facts));
    return facts;
  }

  #if({ expression, thenStatement, elseStatement }: ts.IfStatement, facts: Set<T>): Facts<T> {
    this.#expression(expression, facts);
    const yes = expression.kind === ts.SyntaxKind.FalseKeyword ? undefined : this.#statement(thenStatement, new Set(facts), []);
    if (expression.kind === ts.SyntaxKind.TrueKeyword) return yes;
    return joined(yes, elseStatement ? this.#statement(elseStatement, facts, []) : facts);
  }

  /** Walks the body again until nothing new comes around. */
  #loop(node: ts.IterationStatement, facts: Set<T>, labels: readonly string[]): Facts<T> {
    if (ts.isForStatement(node) && node.initializer) this.#expression(node.initializer, facts);
    if (ts.isForInStatement(node) || ts.isForOfStatement(node)) this.#expression(node.expression, facts);
    const frame: Target<T> = { kind: "target", labels, isLoop: true, isBreakable: true, afterBreak: undefined, afterContinue: undefined };
    const entry = new Set(facts);
    let done: Facts<T>;
    let size: number;
    do {
      size = entry.size;
      const { end, next } = this.#within(frame, () => this.#round(node, new Set(entry), frame));
      done = joined(done, end);
      for (const fact of next ?? []) entry.add(fact);
    } while (entry.size > size);
    return joined(done, frame.afterBreak);
  }

  /** One round of a loop: what holds where it ends by its condition, and what holds before the next round. */
  #round(node: ts.IterationStatement, facts: Set<T>, frame: Target<T>): { end: Facts<T>; next: Facts<T> } {
    const body = (at: Set<T>): Facts<T> => joined(this.#statement(node.statement, at, []), frame.afterContinue);
    if (ts.isDoStatement(node)) {
      const after = body(facts);
      if (after) this.#expression(node.expression, after);
      return { end: isTrue(node.expression) ? undefined : copied(after), next: after };
    }
    const condition = ts.isWhileStatement(node) ? node.expression : ts.isForStatement(node) ? node.condition : undefined;
    if (condition) this.#expression(condition, facts);
    const isEndless = ts.isForStatement(node) ? condition === undefined || isTrue(condition) : condition !== undefined && isTrue(condition);
    const end = isEndless ? undefined : new Set(facts);
    if (ts.isForInStatement(node) || ts.isForOfStatement(node)) this.#expression(node.initializer, facts);
    const next = body(facts);
    if (next && ts.isForStatement(node) && node.incrementor) this.#expression(node.incrementor, next);
    return { end, next };
  }

  #switch({ expression, caseBlock }: ts.SwitchStatement, facts: Set<T>): Facts<T> {
    this.#expression(expression, facts);
    const frame: Target<T> = { kind: "target", labels: [], isLoop: false, isBreakable: true, afterBreak: undefined, afterContinue: undefined };
    const fallen = this.#within(frame, () => {
      let before: Facts<T>;
      for (const clause of caseBlock.clauses) {
        if (ts.isCaseClause(clause)) this.#expression(clause.expression, facts);
        before = this.statements(clause.statements, joined(before, new Set(facts)));
      }
      return before;
    });
    const isComplete = caseBlock.clauses.some(ts.isDefaultClause);
    return joined(joined(fallen, frame.afterBreak), isComplete ? undefined : facts);
  }

  #labeled({ label, statement }: ts.LabeledStatement, facts: Set<T>, labels: readonly string[]): Facts<T> {
    const all = [...labels, label.text];
    if (ts.isIterationStatement(statement, true)) return this.#statement(statement, facts, all);
    const frame: Target<T> = { kind: "target", labels: all, isLoop: false, isBreakable: false, afterBreak: undefined, afterContinue: undefined };
    return joined(this.#within(frame, () => this.#statement(statement, facts, [])), frame.afterBreak);
  }

  #try({ tryBlock, catchClause, finallyBlock }: ts.TryStatement, facts: Set<T>): Facts<T> {
    const guarded = (): Facts<T> => {
      if (!catchClause) return this.statements(tryBlock.statements, facts);
      const frame: Frame<T> = { kind: "catch", thrown: undefined };
      const end = this.#within(frame, () => this.statements(tryBlock.statements, facts));
      return joined(end, frame.thrown && this.statements(catchClause.block.statements, frame.thrown));
    };
    if (!finallyBlock) return guarded();
    const end = this.#within({ kind: "finally", block: finallyBlock }, guarded);
    return this.statements(finallyBlock.statements, end);
  }

  #within<R>(frame: Frame<T>, walk: () => R): R {
    this.#frames.push(frame);
    const result = walk();
    this.#frames.pop();
    return result;
  }

  #leave(node: ts.Node, facts: Set<T>): undefined {
    return this.#jump(() => false, () => undefined, facts, (at) => this.exits.push({ node, facts: at }));
  }

  /** `node`: the statement, where the error counts as an exit if nobody catches it. */
  #throw(facts: Set<T>, node?: ts.Node): undefined {
    const catches = (frame: Frame<T>): boolean => frame.kind === "catch";
    const caught = (frame: Frame<T>, at: Set<T>): void => {
      if (frame.kind === "catch") frame.thrown = joined(frame.thrown, at);
    };
    return this.#jump(catches, caught, facts, (at) => node && this.exits.push({ node, facts: at }));
  }

  /** Goes outwards, through every `finally`, to the first frame that the jump ends at, or out of the function. */
  #jump(ends: (frame: Frame<T>) => boolean, land: (frame: Frame<T>, at: Set<T>) => void, facts: Set<T>, out?: (at: Set<T>) => void): undefined {
    const frames = this.#frames;
    let at: Facts<T> = new Set(facts);
    for (let index = frames.length - 1; at && index >= 0; index--) {
      const frame = frames[index];
      if (!frame) continue;
      if (frame.kind === "finally") {
        this.#frames = frames.slice(0, index);
        at = this.statements(frame.block.statements, at);
        this.#frames = frames;
      } else if (ends(frame)) return void land(frame, at);
    }
    if (at) out?.(at);
    return undefined;
  }

  #expression(node: ts.Node, facts: Set<T>): void {
    if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return;
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return this.evaluate(node, facts);
    const branches = maybeEvaluated(node);
    ts.forEachChild(node, (child) => {
      if (!branches.includes(child)) this.#expression(child, facts);
    });
    const before = new Set(facts);
    const alternatives = branches.map((branch) => {
      const at = new Set(before);
      this.#expression(branch, at);
      return at;
    });
    // Of the two branches of `a ? b : c` one is taken; others may be left out.
    if (ts.isConditionalExpression(node)) facts.clear();
    for (const alternative of alternatives) for (const fact of alternative) facts.add(fact);
    this.evaluate(node, facts);
    if (ts.isYieldExpression(node)) this.#throw(facts);
  }
}

/** The parts of an expression that are evaluated last, if at all. */
function maybeEvaluated(node: ts.Node): readonly ts.Node[] {
  if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse];
  if (ts.isBinaryExpression(node)) return SHORT.has(node.operatorToken.kind) ? [node.right] : [];
  if (ts.isCallExpression(node)) return ts.isOptionalChain(node) ? node.arguments : [];
  return [];
}

const SHORT = new Set<ts.SyntaxKind>([
  ts.SyntaxKind.AmpersandAmpersandToken, ts.SyntaxKind.BarBarToken, ts.SyntaxKind.QuestionQuestionToken,
  ts.SyntaxKind.AmpersandAmpersandEqualsToken, ts.SyntaxKind.BarBarEqualsToken, ts.SyntaxKind.QuestionQuestionEqualsToken,
]);

function leadsTo<T>(frame: Frame<T>, kind: "break" | "continue", label: string | undefined): boolean {
  if (frame.kind !== "target") return false;
  if (label !== undefined) return frame.labels.includes(label);
  return kind === "break" ? frame.isBreakable : frame.isLoop;
}

function addTo<T>(frame: Target<T>, point: "afterBreak" | "afterContinue", facts: Set<T>): void {
  frame[point] = joined(frame[point], facts);
}

function joined<T>(a: Facts<T>, b: Facts<T>): Facts<T> {
  return a && b ? new Set([...a, ...b]) : copied(a ?? b);
}

function copied<T>(facts: Facts<T>): Facts<T> {
  return facts && new Set(facts);
}

function isTrue(condition: ts.Expression): boolean {
  return condition.kind === ts.SyntaxKind.TrueKeyword || (ts.isNumericLiteral(condition) && condition.text !== "0");
}

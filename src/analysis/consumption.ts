import { ts } from "./compiler.js";
import type { Handles } from "./handles.js";
import type { Yielding } from "./site-model.js";
import { isShortCircuit } from "./promises.js";
import { type FunctionNode, enclosingFunction, outOfParens, isWithin, yieldingFor } from "./syntax.js";

/** How a promise that an operation creates is used up on the spot. */
export type Consumption =
  | { readonly kind: "now"; readonly yielding: Yielding; readonly outer: ts.Expression; /** It is begun here, and what it gives is a handle. */ readonly begins?: true }
  | { readonly kind: "left"; readonly code: string };

/** Says of the promises that a function's operations create whether they are used up where they stand. */
export class PromiseUse {
  /**
   * @param awaits collects the awaits that belong to durable operations
   * @param owner the function that a node belongs to
   * @param handles says where a promise that is not awaited goes
   */
  constructor(
    readonly fn: FunctionNode,
    readonly awaits: Set<ts.AwaitExpression>,
    readonly owner: (node: ts.Node) => ts.Node | undefined,
    readonly handles: Handles,
    /** Says of a function literal that what it gives is an item of a list, and nobody waits for it there. */
    readonly givesItems: (literal: ts.Node) => boolean,
  ) {}

  /** How a `then` or its like is used whose receiver an expression is, where it is rewritten. */
  chainOn: (receiver: ts.Expression) => Extract<Consumption, { kind: "now" }> | undefined = () => undefined;

  /** Whether a failure in a callback of `then` or its like is handled by a later one. */
  isCaughtInChain: (node: ts.Node) => boolean = () => false;

  /** A send returns a handle at once; it stands as a statement, awaited or not. */
  send(call: ts.CallExpression): Consumption {
    const outer = outOfParens(call);
    const awaited = ts.isAwaitExpression(outer.parent) ? outer.parent : undefined;
    const top = outOfParens(awaited ?? outer);
    const statement = ts.isVoidExpression(top.parent) ? outOfParens(top.parent).parent : top.parent;
    const isLoopBody = ts.isArrowFunction(outer.parent) && outer.parent !== this.fn && outer.parent.body === outer && this.owner(call) === this.fn && !this.#isItem(outer);
    if (outer === call && !awaited && (isLoopBody || isLastOfStatement(call))) return { kind: "now", outer: call, yielding: yieldingFor(call) };
    if (!ts.isExpressionStatement(statement) || outer !== call) return { kind: "left", code: "R0126" };
    if (awaited) this.awaits.add(awaited);
    const expression = ts.isVoidExpression(top.parent) ? top.parent : (awaited ?? outer);
    const yielding = yieldingFor(awaited ?? outer);
    return { kind: "now", outer: expression, yielding: { ...yielding, keyword: { start: expression.getStart(), end: call.getStart() }, parens: false, guard: false, end: call.end } };
  }

  /** A value that was there at once gets its `yield*` where it stands, or in place of a needless `await`. */
  value(call: ts.CallExpression): Consumption {
    const outer = outOfParens(call);
    if (!ts.isAwaitExpression(outer.parent)) return { kind: "now", outer: call, yielding: yieldingFor(call) };
    this.awaits.add(outer.parent);
    return { kind: "now", outer: outer.parent, yielding: yieldingFor(outer.parent) };
  }

  /** A promise is awaited where it is created, or is what the function returns, or is begun here and goes where it can be followed. */
  promise(call: ts.CallExpression): Consumption {
    const outer = outOfParens(call);
    const { parent } = outer;
    if (ts.isAwaitExpression(parent)) {
      this.awaits.add(parent);
      return { kind: "now", outer: parent, yielding: yieldingFor(parent) };
    }
    // An async generator waits for what it yields.
    if (ts.isYieldExpression(parent) && !parent.asteriskToken) return { kind: "now", outer, yielding: yieldingFor(outer) };
    const chain = this.chainOn(outer);
    if (chain) return { kind: "now", outer: call, yielding: { ...yieldingFor(call), parens: false, guard: false, ...(chain.begins ? {} : { bare: true as const }) }, ...(chain.begins ? { begins: true as const } : {}) };
    if (this.isReturned(outer)) return this.inTry(parent) ? { kind: "left", code: "R0144" } : { kind: "now", outer, yielding: yieldingFor(outer) };
    const escape = this.handles.escapeOf(call);
    if (escape !== undefined) return { kind: "left", code: escape };
    // A method of the promise becomes a function that takes it.
    const isReceiver = ts.isPropertyAccessExpression(parent) && parent.expression === outer;
    return { kind: "now", outer: call, yielding: isReceiver ? { ...yieldingFor(call), parens: false, guard: false } : yieldingFor(call), begins: true };
  }

  /** What the function returns: the whole value, or a branch of a conditional that is. */
  isReturned(node: ts.Expression): boolean {
    const { parent } = node;
    if (ts.isReturnStatement(parent)) return this.owner(parent) === this.fn && !this.#isItem(parent);
    if (ts.isArrowFunction(parent)) return (parent === this.fn || this.owner(node) === this.fn) && parent.body === node && !this.#isItem(node);
    if (ts.isYieldExpression(parent)) return !parent.asteriskToken && this.owner(parent) === this.fn;
    if (ts.isParenthesizedExpression(parent)) return this.isReturned(parent);
    if (ts.isConditionalExpression(parent)) return parent.condition !== node && this.isReturned(parent);
    const isLast = ts.isBinaryExpression(parent) && parent.right === node && isShortCircuit(parent.operatorToken.kind);
    return isLast && this.isReturned(parent);
  }

  #isItem(node: ts.Node): boolean {
    const giver = enclosingFunction(node);
    return giver !== undefined && this.givesItems(giver);
  }

  /** Inside of a `try` that catches. */
  isCaught(node: ts.Node): boolean {
    return this.isCaughtInChain(node) || ts.findAncestor(node, (ancestor) => (ancestor === this.fn ? "quit" : ts.isTryStatement(ancestor) && ancestor.catchClause !== undefined && isWithin(node, ancestor.tryBlock))) !== undefined;
  }

  /** Without `await`, a rejected promise leaves a `try` block uncaught: `yield*` would change that. */
  inTry(node: ts.Node): boolean {
    return ts.findAncestor(node, (ancestor) => (ancestor === this.fn || ts.isFunctionLike(ancestor) ? "quit" : ts.isTryStatement(ancestor) && (isWithin(node, ancestor.tryBlock) || ancestor.finallyBlock !== undefined))) !== undefined;
  }
}

/** `condition && send();` and `condition ? send() : other();`: nobody looks at what it gives. */
function isLastOfStatement(node: ts.Expression): boolean {
  const { parent } = node;
  if (ts.isBinaryExpression(parent) && isShortCircuit(parent.operatorToken.kind) && parent.right === node) return ts.isExpressionStatement(parent.parent) || isLastOfStatement(parent);
  return ts.isConditionalExpression(parent) && parent.condition !== node && (ts.isExpressionStatement(parent.parent) || isLastOfStatement(parent));
}

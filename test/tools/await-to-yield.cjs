// The jscodeshift transform the benchmark compares with: `await ctx.run(...)` becomes `yield* ctx.run(...)`, nothing else.
module.exports = function awaitToYield(file, { jscodeshift: j }) {
  return j(file.source)
    .find(j.AwaitExpression, {
      argument: { type: "CallExpression", callee: { type: "MemberExpression", object: { name: "ctx" }, property: { name: "run" } } },
    })
    .replaceWith((path) => j.yieldExpression(path.node.argument, true))
    .toSource();
};

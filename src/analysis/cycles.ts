/**
 * The nodes of a graph that lead back to themselves (Tarjan's strongly connected components, in time linear in edges).
 * @param nodes all nodes
 * @param targets the nodes that an edge leads to from a node; others than `nodes` may be among them
 */
export function onCycles(nodes: Iterable<string>, targets: (node: string) => readonly string[]): ReadonlySet<string> {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const stacked = new Set<string>();
  const found = new Set<string>();
  const visit = (node: string): void => {
    index.set(node, index.size);
    low.set(node, index.size - 1);
    stack.push(node);
    stacked.add(node);
    for (const target of targets(node)) {
      if (target === node) found.add(node);
      if (!index.has(target)) visit(target);
      if (stacked.has(target)) low.set(node, Math.min(low.get(node) ?? 0, low.get(target) ?? 0));
    }
    if (low.get(node) !== index.get(node)) return;
    const component = stack.splice(stack.lastIndexOf(node));
    for (const member of component) {
      stacked.delete(member);
      if (component.length > 1) found.add(member);
    }
  };
  for (const node of nodes) if (!index.has(node)) visit(node);
  return found;
}

import { Groups } from "./groups.js";
import type { Facts } from "./model.js";
import type { LeftFact } from "./said-model.js";

/** What can be migrated: code that is connected moves together or stays together. */
export interface Regions {
  /** Ids of functions and definitions that migrate. */
  readonly migrated: ReadonlySet<string>;
  /** Functions and statements whose error classes are no longer Restate's. */
  readonly errors: ReadonlySet<string>;
  /** Ingresses that become clients of Resonate. */
  readonly ingresses: ReadonlySet<string>;
  /** For everything connected with something left: what was left first, to be told with it. */
  readonly blockedBy: ReadonlyMap<string, LeftFact>;
}

/**
 * Groups functions, definitions and context aliases that refer to each other, and rules out every group in which something is left.
 * @param excluded files that take no part, with the reason
 */
export function findRegions(facts: Facts, excluded: ReadonlyMap<string, LeftFact>): Regions {
  const groups = new Groups<string>();
  const causes: [string, LeftFact][] = [];
  for (const fn of facts.functions.values()) {
    groups.add(fn.id);
    for (const target of fn.calls) groups.join(fn.id, target);
    for (const alias of fn.aliases) groups.join(fn.id, alias);
    for (const left of fn.left) causes.push([fn.id, left]);
    const reason = excluded.get(fn.file);
    if (reason) causes.push([fn.id, reason]);
  }
  for (const definition of facts.definitions.values()) {
    // Definitions of one statement go together, as the statement does.
    groups.join(definition.id, `${definition.file}#${definition.statement.start}`);
    for (const handler of definition.handlers) groups.join(definition.id, handler.function);
    for (const left of definition.left) causes.push([definition.id, left]);
    const reason = excluded.get(definition.file);
    if (reason) causes.push([definition.id, reason]);
  }
  for (const endpoint of facts.endpoints) {
    // A definition written inside of the list goes where the endpoint goes; a list that is shared goes as a whole.
    const [first] = endpoint.services;
    if (first && (endpoint.whole || endpoint.services.some((service) => facts.definitions.get(service.definition)?.place === "inline"))) {
      for (const service of endpoint.services) groups.join(first.definition, service.definition);
    }
    for (const service of endpoint.services) for (const left of endpoint.left) causes.push([service.definition, left]);
  }
  for (const [a, b] of facts.errorLinks) groups.join(a, b);
  for (const { owner, file } of facts.errors) {
    const reason = excluded.get(file);
    if (reason) causes.push([owner, reason]);
  }
  for (const [a, b] of facts.ingress.links) groups.join(a, b);
  for (const { owner, fact } of facts.ingress.left) causes.push([owner, fact]);
  for (const { owner, file } of [...facts.ingress.sites, ...facts.ingress.names, ...facts.ingress.connections.map(({ id, file }) => ({ owner: id, file }))]) {
    const reason = excluded.get(file);
    if (reason) causes.push([owner, reason]);
  }
  for (const use of facts.uses) {
    const reason = excluded.get(use.file);
    if (reason) causes.push([use.definition, reason]);
  }
  const regions = decide(groups, causes, [...facts.functions.keys(), ...facts.definitions.keys()], facts.errors.flatMap(({ owner, stray }) => (stray ? [] : [owner])), [...facts.ingress.connections.map(({ id }) => id), ...[...facts.ingress.sites, ...facts.ingress.names, ...facts.ingress.remarks].map(({ owner }) => owner)]);
  // Where nothing is left, nobody knows Restate's classes any more.
  const isLeft = regions.blockedBy.size > 0 || excluded.size > 0 || facts.left.length > 0 || facts.endpoints.some(({ left }) => left.length > 0) || facts.ingress.left.length > 0;
  return isLeft || regions.migrated.size === 0 ? regions : { ...regions, errors: new Set([...regions.errors, ...facts.errors.flatMap(({ owner, stray }) => (stray ? [owner] : []))]) };
}

function decide(groups: Groups<string>, causes: readonly [string, LeftFact][], ids: readonly string[], owners: readonly string[], ingresses: readonly string[]): Regions {
  const causeOf = new Map<string, LeftFact>();
  for (const [id, cause] of causes) {
    const group = groups.find(id);
    if (!causeOf.has(group)) causeOf.set(group, cause);
  }
  const migrated = new Set<string>();
  const blockedBy = new Map<string, LeftFact>();
  for (const id of ids) {
    const cause = causeOf.get(groups.find(id));
    if (cause) blockedBy.set(id, cause);
    else migrated.add(id);
  }
  for (const id of ingresses) {
    const cause = causeOf.get(groups.find(id));
    if (cause) blockedBy.set(id, cause);
  }
  return { migrated, errors: new Set(owners.filter((owner) => !causeOf.has(groups.find(owner)))), ingresses: new Set(ingresses.filter((id) => !causeOf.has(groups.find(id)))), blockedBy };
}

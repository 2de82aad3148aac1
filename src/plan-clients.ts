import type { ConnectionFact, IngressNameFact, IngressSite } from "./analysis/ingress-model.js";
import type { Facts } from "./analysis/model.js";
import type { RemarkFact } from "./analysis/said-model.js";
import type { Regions } from "./analysis/regions.js";
import type { PlannedEndpoint } from "./plan.js";
import type { Project } from "./project/project.js";

/** What becomes of the ingress clients that migrate. */
export interface PlannedClients {
  readonly connections: readonly PlannedConnection[];
  readonly sites: readonly IngressSite[];
  readonly names: readonly IngressNameFact[];
  readonly remarks: readonly RemarkFact[];
}

export interface PlannedConnection {
  readonly fact: ConnectionFact;
  /**
   * `own`: a client in a group of its own; `shared`: the one such client of its process; `package`: the client with which the
   * workers of this process run, since without a server no other client knows their functions.
   */
  readonly becomes: "own" | "shared" | "package";
}

/** Decides what connections to Restate's ingress become. */
export function planClients(facts: Facts, regions: Regions, endpoints: readonly PlannedEndpoint[], project: Project): PlannedClients {
  const { ingress } = facts;
  const migrates = ({ owner }: { readonly owner?: string }): boolean => owner !== undefined && regions.ingresses.has(owner);
  return {
    connections: ingress.connections.filter(({ id }) => regions.ingresses.has(id)).map((fact) => ({ fact, becomes: runsWorkers(fact, facts, regions, endpoints, project) ? "package" : fact.topLevel ? "own" : "shared" })),
    sites: ingress.sites.filter(migrates),
    names: ingress.names.filter(migrates),
    remarks: ingress.remarks.filter(migrates).map(({ fact }) => fact),
  };
}

/** Whether what the client calls runs in its process: an endpoint, or handlers that nobody serves, load it or are loaded by it. */
function runsWorkers(fact: ConnectionFact, facts: Facts, regions: Regions, endpoints: readonly PlannedEndpoint[], project: Project): boolean {
  const served = new Set(endpoints.flatMap((endpoint) => endpoint.migrated));
  const unserved = [...facts.definitions.values()].filter((definition) => regions.migrated.has(definition.id) && !served.has(definition.id)).map((definition) => definition.file);
  // A process of several has a client of its own group in its file, which is not that of the package.
  if (endpoints.some((endpoint) => endpoint.group !== undefined && endpoint.migrated.length > 0 && endpoint.fact.file === fact.file)) return false;
  const hosts = [...endpoints.filter((endpoint) => endpoint.migrated.length > 0 && endpoint.group === undefined).map((endpoint) => endpoint.fact.file), ...unserved];
  return hosts.some((file) => fact.process.has(file) && project.packageOf(file).dir === project.packageOf(fact.file).dir);
}

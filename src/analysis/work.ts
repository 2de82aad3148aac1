import type { Binding } from "./bindings.js";
import type { ts, TypeLevel } from "./compiler.js";
import type { Definition } from "./definitions.js";
import type { Endpoint } from "./endpoints.js";
import type { SdkTypeFact } from "./model.js";
import type { LeftFact } from "./said-model.js";
import type { SdkReference } from "./references.js";
import type { FileScan } from "./scan.js";
import type { Scope } from "./scope.js";
import type { FunctionFindings } from "./findings.js";
import type { FunctionNode } from "./syntax.js";

/** What the analysis knows while the compiler is alive. */
export interface Work {
  readonly level: TypeLevel;
  readonly scope: Scope;
  readonly scans: Map<string, FileScan>;
  /** Where code of the program throws, also code that knows nothing of Restate: by itself, or by parsing. */
  readonly throws: readonly ts.Node[];
  readonly bindings: Map<string, Binding[]>;
  readonly references: SdkReference[];
  readonly definitions: Definition[];
  readonly endpoints: Endpoint[];
  readonly findings: Map<FunctionNode, FunctionFindings>;
  /** Extra reasons why a function or a definition is left, by id. */
  readonly extraLeft: Map<string, LeftFact[]>;
  readonly left: LeftFact[];
  readonly types: SdkTypeFact[];
}

/** Records why a function or definition is left, besides what its own reading found. */
export function leave(work: Work, id: string, fact: LeftFact): void {
  work.extraLeft.set(id, [...(work.extraLeft.get(id) ?? []), fact]);
}

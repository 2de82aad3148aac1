import { findNodeAtLocation, parseTree } from "jsonc-parser";
import semver from "semver";
import { isRecord, parseJsonFile } from "../project/json-file.js";
import type { Package } from "../project/project.js";
import { remains } from "./catalogue.js";
import { type Finding, findingAt } from "./finding.js";

const SDK = "@resonatehq/sdk";

/** Before this version durable functions were `async`, which is wrong in all that came later (public repository resonatehq/resonate-sdk-ts, commit c3826a3). */
const GENERATORS_SINCE = "0.7.0";

/** That a package uses an SDK that the rules know nothing of; `undefined` where it may use a later one, or says nothing. */
export function olderSdk({ manifestPath, manifestText }: Package): Finding | undefined {
  if (manifestPath === null || manifestText === null) return undefined;
  const { value } = parseJsonFile(manifestPath, manifestText, false);
  for (const field of ["dependencies", "devDependencies", "peerDependencies"]) {
    const dependencies = value[field];
    const range = isRecord(dependencies) ? dependencies[SDK] : undefined;
    if (typeof range !== "string" || semver.validRange(range) === null || !semver.subset(range, `<${GENERATORS_SINCE}`)) continue;
    const tree = parseTree(manifestText);
    const at = (tree && findNodeAtLocation(tree, [field, SDK])?.parent?.offset) ?? 0;
    return findingAt(remains.olderSdk, manifestPath, manifestText, at, `${SDK} ${range}`);
  }
  return undefined;
}

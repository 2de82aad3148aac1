import type { Site } from "./site-model.js";

/** Whether a site becomes plain text, evaluated where it stands. */
export function isPlainText(site: Site): boolean {
  return site.concept === "request" || site.concept === "client" || site.concept === "key" || site.concept === "invocation-id" || site.concept === "bare-id" || site.concept === "loop" || site.concept === "workflow-promise" || site.concept === "closure-type";
}

/** Whether a site becomes a `yield*`, which cannot stand inside the closure of a step. */
export function yields(site: Site): boolean {
  if (site.concept === "random") return site.mode === "step";
  return !isPlainText(site) && !(site.concept === "console" && site.mode !== "step");
}

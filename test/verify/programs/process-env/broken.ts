import type { Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

async function signIn(_: Context, account: string): Promise<string> {
  return `token of ${account}`;
}

async function exportReport(_: Context, token: string, report: string): Promise<string> {
  effects.push(`export ${report} with ${token}`);
  return report;
}

/** Signs in once per process and exports an hour later, when the numbers are in. */
function* nightlyReport(ctx: Context, account: string, report: string) {
  process.env["REPORT_TOKEN"] ??= yield* ctx.run(signIn, account);
  yield* ctx.sleep(60 * 60 * 1_000);
  return yield* ctx.run(exportReport, process.env["REPORT_TOKEN"], report);
}
resonate.register("nightlyReport", nightlyReport);

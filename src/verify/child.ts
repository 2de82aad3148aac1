// The process in which programs run: it gets a job over IPC, does it and sends back plain data. It is good for one job.
import { UsageError } from "../errors.js";
import { type Job, type JobReport, performJob } from "./session.js";

/** What the process says. */
export type ChildMessage =
  | { readonly kind: "progress"; readonly done: number; readonly total: number }
  | { readonly kind: "report"; readonly report: JobReport }
  | { readonly kind: "usage"; readonly message: string }
  | { readonly kind: "failure"; readonly text: string };

const MILLISECONDS_BETWEEN = 100;
const now = performance.now.bind(performance);

process.once("message", (job: Job) => {
  void answer(job).then((message) => process.send?.(message));
});

async function answer(job: Job): Promise<ChildMessage> {
  let last = 0;
  try {
    const report = await performJob(job, (done, total) => {
      if (now() - last < MILLISECONDS_BETWEEN) return;
      last = now();
      process.send?.({ kind: "progress", done, total } satisfies ChildMessage);
    });
    return { kind: "report", report: plain(report) };
  } catch (error) {
    if (error instanceof UsageError) return { kind: "usage", message: error.message };
    return { kind: "failure", text: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** Without members that are undefined: what arrives is what was sent. */
function plain(report: JobReport): JobReport {
  return JSON.parse(JSON.stringify(report)) as JobReport;
}

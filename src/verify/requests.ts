import type { Request, Response } from "@resonatehq/sdk";
import type { MadeRequest } from "./run-record.js";

/** The promise that a request makes, where it makes one: by itself, with a task, or inside of a fence. */
export function creationOf(request: Request): Extract<Request, { kind: "promise.create" }>["data"] | undefined {
  if (request.kind === "promise.create") return request.data;
  if ((request.kind === "task.create" || request.kind === "task.fence") && request.data.action.kind === "promise.create") return request.data.action.data;
  return undefined;
}

/** The promise that a request settles, where it settles one. */
export function settledBy(request: Request): string | undefined {
  const action = request.kind === "task.fence" || request.kind === "task.fulfill" ? request.data.action : request;
  return action.kind === "promise.settle" ? action.data.id : undefined;
}

/** The function that a promise's encoded parameter names; undefined where it is no call. */
export function calledFunction(data: unknown): string | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const { func } = JSON.parse(Buffer.from(data, "base64").toString()) as { func?: unknown };
    return typeof func === "string" ? func : undefined;
  } catch {
    return undefined; // a value that is no call
  }
}

/** What a report says of a request. */
export function madeRequest(request: Request): MadeRequest {
  const data = request.data as { readonly id?: string; readonly awaited?: string; readonly action?: { readonly kind: string; readonly data: { readonly id: string } } };
  const own = data.id ?? data.awaited ?? "";
  const id = data.action?.data.id ?? own;
  return { kind: request.kind, ...(data.action === undefined ? {} : { action: data.action.kind }), id, root: own === "" ? id : own };
}

/** Whether a request, and what it is about, took effect. */
export function isDone(response: Response): boolean {
  return actionOf(response).head.status === 200;
}

/** Why a server refuses a request for good; undefined for an answer that the SDK is ready for. */
export function refusalOf(response: Response): { readonly status: number; readonly text: string } | undefined {
  const action = actionOf(response);
  const { status } = action.head;
  return status === 400 || status === 422 ? { status, text: typeof action.data === "string" ? action.data : JSON.stringify(action.data) } : undefined;
}

/** The answer to what a request is about: a fence has one of its own. */
function actionOf(response: Response): Response {
  return response.kind === "task.fence" && response.head.status === 200 ? (response.data as { action: Response }).action : response;
}

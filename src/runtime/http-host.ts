import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isRequest, type Message } from "@resonatehq/sdk";
import { WakeTimer } from "./wake-timer.js";
import type { Connection, DurableServer } from "./server.js";

/** How a host is made. */
export interface HostOptions {
  /** The TCP port; a free one unless given. */
  readonly port?: number;
  /** How often a comment keeps an idle worker's stream alive, in ms; 15,000 unless given. */
  readonly keepAlive?: number;
  /** Called once if the server can no longer answer, with the reason. */
  readonly onFailure?: (error: Error) => void;
}

/** A running host. */
export interface HttpHost {
  /** What `RESONATE_URL` is set to. */
  readonly url: string;
  readonly port: number;
  /** Ends all streams and stops listening; resolves when the port is free. */
  close(): Promise<void>;
}

/** An answer that is not the protocol's. */
class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const LOOPBACK = "127.0.0.1";
const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** What HttpNetwork of `@resonatehq/sdk` 0.11.5 reads the body of; any other status it takes for a failed server. */
const READ_STATUSES: ReadonlySet<number> = new Set([200, 300, 404, 409, 422, 501]);

/**
 * Serves `server` on the loopback interface in the SDK's own wire protocol: `POST /` with a request as JSON, and
 * `GET /poll/<group>/<pid>`, a stream of server-sent events with a worker's messages. A timer wakes the server when
 * something is due. Rejects with the system's error where the port is taken.
 */
export async function startHost(server: DurableServer, options: HostOptions = {}): Promise<HttpHost> {
  const host = new Host(server, options);
  return host.listen(options.port ?? 0);
}

class Host {
  private readonly http: Server;
  private readonly timer: WakeTimer;
  private readonly streams = new Map<string, { readonly response: ServerResponse; readonly connection: Connection }>();

  constructor(
    private readonly server: DurableServer,
    private readonly options: HostOptions,
  ) {
    this.timer = new WakeTimer(server, (error) => this.failed(error));
    this.http = createServer((request, response) => void this.answer(request, response));
  }

  async listen(port: number): Promise<HttpHost> {
    await new Promise<void>((resolve, reject) => {
      this.http.once("error", reject);
      this.http.listen(port, LOOPBACK, resolve);
    });
    this.timer.wake();
    const { port: actual } = this.http.address() as AddressInfo; // a listening TCP server has one
    return { url: `http://${LOOPBACK}:${actual}`, port: actual, close: () => this.close() };
  }

  private async close(): Promise<void> {
    this.timer.stop();
    for (const { response } of this.streams.values()) response.end();
    const closed = new Promise<void>((resolve) => this.http.close(() => resolve()));
    this.http.closeIdleConnections();
    const patience = setTimeout(() => this.http.closeAllConnections(), 1_000);
    await closed;
    clearTimeout(patience);
  }

  private failed(error: Error): void {
    this.timer.stop();
    this.options.onFailure?.(error);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.route(request, response);
    } catch (error) {
      const known = error instanceof HttpError ? error : new HttpError(500, error instanceof Error ? error.message : String(error));
      if (!response.headersSent) sendJson(response, known.status, { error: known.message });
      else response.destroy();
    }
  }

  private async route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    refuseOtherSites(request);
    const segments = new URL(request.url ?? "/", "http://host").pathname.split("/").filter((segment) => segment !== "");
    const [first, group, pid] = segments.map(decoded);
    if (request.method === "POST" && first === undefined) return this.protocol(request, response);
    if (request.method !== "GET") throw new HttpError(405, `There is no ${request.method} ${request.url}; requests are POSTed to /.`);
    if (first === "poll" && group !== undefined && pid !== undefined && segments.length === 3) return this.poll(group, pid, response);
    if (first === undefined || (first === "health" && segments.length === 1)) return sendJson(response, 200, this.health());
    throw new HttpError(404, `There is no ${request.url}; workers listen at /poll/<group>/<pid>.`);
  }

  private health(): object {
    return { server: "restate-to-resonate dev", protocol: "Resonate", workers: this.streams.size, ...this.server.counts };
  }

  private async protocol(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = parsedJson(await bodyOf(request));
    if (!isRequest(body)) throw new HttpError(400, "The body is no request of Resonate's protocol.");
    const answer = this.handle(body);
    const { status } = answer.head;
    // A worker shows the reason of a refusal only if it reads the body.
    sendJson(response, READ_STATUSES.has(status) ? status : 422, answer);
  }

  private handle(request: Parameters<DurableServer["handle"]>[0]): ReturnType<DurableServer["handle"]> {
    try {
      return this.server.handle(request);
    } catch (error) {
      this.failed(error as Error);
      throw error;
    } finally {
      this.timer.wake();
    }
  }

  private poll(group: string, pid: string, response: ServerResponse): void {
    const key = JSON.stringify([group, pid]);
    // A worker that connects again has lost its first stream, though the host may not have noticed yet.
    this.endStream(key);
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache", connection: "keep-alive" });
    response.write(": connected\n\n");
    const connection = this.server.connect({ group, pid, deliver: (message) => void response.write(eventOf(message)) });
    const keepAlive = setInterval(() => void response.write(": keep-alive\n\n"), this.options.keepAlive ?? 15_000);
    this.streams.set(key, { response, connection });
    response.once("close", () => {
      clearInterval(keepAlive);
      connection.disconnect();
      if (this.streams.get(key)?.response === response) this.streams.delete(key);
    });
  }

  private endStream(key: string): void {
    const stream = this.streams.get(key);
    if (stream === undefined) return;
    this.streams.delete(key);
    stream.connection.disconnect();
    stream.response.end();
  }
}

/** A page in a browser on this machine is no worker: only requests that name this machine, and come from no other site, are served. */
function refuseOtherSites({ headers }: IncomingMessage): void {
  const names = [headers.host, headers.origin].filter((name) => name !== undefined);
  if (!names.every(isLoopback)) throw new HttpError(403, "This server answers programs on this machine only.");
}

function isLoopback(name: string): boolean {
  return /^(?:https?:\/\/)?(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i.test(name);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new HttpError(413, `A request holds at most ${MAX_BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HttpError(400, `The body is no JSON: ${(error as SyntaxError).message}`);
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new HttpError(400, `"${segment}" is not percent-encoded text.`);
  }
}

function eventOf(message: Message): string {
  return `data: ${JSON.stringify(message)}\n\n`;
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

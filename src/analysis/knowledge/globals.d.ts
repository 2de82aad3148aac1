// What JavaScript runtimes bring beyond the language, as far as it decides whether a value survives JSON.
interface Console { log(...data: unknown[]): void; info(...data: unknown[]): void; warn(...data: unknown[]): void; error(...data: unknown[]): void; debug(...data: unknown[]): void; trace(...data: unknown[]): void; table(...data: unknown[]): void; time(label?: string): void; timeEnd(label?: string): void; dir(...data: unknown[]): void; group(...data: unknown[]): void; groupEnd(): void; assert(...data: unknown[]): void }
declare const console: Console;
declare class Timeout { ref(): this; unref(): this }
declare function setTimeout(callback: (...args: any[]) => void, delay?: number, ...args: any[]): Timeout;
declare function setInterval(callback: (...args: any[]) => void, delay?: number, ...args: any[]): Timeout;
declare function setImmediate(callback: (...args: any[]) => void, ...args: any[]): Timeout;
declare function clearTimeout(timer: any): void;
declare function clearInterval(timer: any): void;
declare function queueMicrotask(callback: () => void): void;
declare function structuredClone<T>(value: T): T;
declare const crypto: { randomUUID(): string; getRandomValues<T>(array: T): T; subtle: any };
declare const performance: { now(): number; timeOrigin: number };
declare const process: { env: Record<string, string | undefined>; argv: string[]; pid: number; platform: string; exit(code?: number): never; cwd(): string; hrtime: any; on(event: string, listener: (...args: any[]) => void): void; [member: string]: any };
declare class URLSearchParams { constructor(init?: any); get(name: string): string | null; set(name: string, value: string): void; append(name: string, value: string): void; toString(): string }
declare class URL { constructor(url: string | URL, base?: string | URL); href: string; host: string; hostname: string; pathname: string; protocol: string; search: string; hash: string; port: string; origin: string; searchParams: URLSearchParams; toString(): string }
declare class Headers { constructor(init?: any); get(name: string): string | null; set(name: string, value: string): void; has(name: string): boolean }
declare class Blob { readonly size: number; readonly type: string; text(): Promise<string>; arrayBuffer(): Promise<ArrayBuffer> }
declare class Response { readonly ok: boolean; readonly status: number; readonly statusText: string; readonly headers: Headers; readonly url: string; json(): Promise<any>; text(): Promise<string>; arrayBuffer(): Promise<ArrayBuffer>; blob(): Promise<Blob>; clone(): Response; readonly body: any }
declare function fetch(input: any, init?: any): Promise<Response>;
declare class AbortSignal { readonly aborted: boolean; static timeout(ms: number): AbortSignal }
declare class AbortController { readonly signal: AbortSignal; abort(reason?: any): void }
declare class TextEncoder { encode(text?: string): Uint8Array }
declare class TextDecoder { decode(bytes?: any): string }
declare function atob(text: string): string;
declare function btoa(text: string): string;

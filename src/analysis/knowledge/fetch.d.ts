export * from "./common.js";
import type { EndpointOptions } from "./common.js";
export interface FetchEndpointOptions extends EndpointOptions {}
export declare function createEndpointHandler(options: FetchEndpointOptions): (request: any, ...extra: any[]) => Promise<any>;
export interface FetchEndpoint { bind(definition: any): FetchEndpoint; handler(): any; bidirectional(on?: boolean): FetchEndpoint; withIdentityV1(...keys: string[]): FetchEndpoint }
export declare function endpoint(): FetchEndpoint;

export * from "./common.js";
import type { EndpointOptions } from "./common.js";
export interface NodeEndpointOptions extends EndpointOptions {}
export interface ServeOptions extends NodeEndpointOptions { port?: number }
export declare function serve(options: ServeOptions): Promise<number>;
export declare function createEndpointHandler(options: NodeEndpointOptions): (request: any, response: any) => void;
export interface RestateEndpoint {
  bind(definition: any): RestateEndpoint; withIdentityV1(...keys: string[]): RestateEndpoint; defaultServiceOptions(options: any): RestateEndpoint;
  setLogger(logger: any): RestateEndpoint; journalValueCodecProvider(provider: any): RestateEndpoint;
  listen(port?: number): Promise<number>; http2Handler(options?: any): (request: any, response: any) => void; http1Handler(): (request: any, response: any) => void; handler(): any;
}
export declare function endpoint(): RestateEndpoint;

export * from "./common.js";
import type { EndpointOptions } from "./common.js";
export declare function createEndpointHandler(options: EndpointOptions): (event: any, context: any) => Promise<any>;
export interface LambdaEndpoint { bind(definition: any): LambdaEndpoint; handler(): any; withIdentityV1(...keys: string[]): LambdaEndpoint }
export declare function endpoint(): LambdaEndpoint;

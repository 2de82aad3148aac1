import type { Serde } from "./common.js";
export declare const serde: { zod(schema: any): Serde<any> };

export { serde, Duration, Serde, JournalValueCodec, Service, VirtualObject, Workflow, ServiceDefinition, VirtualObjectDefinition, WorkflowDefinition } from "./common.js";
export interface Ingress {
  serviceClient(definition: any): any; objectClient(definition: any, key: string): any; workflowClient(definition: any, key: string): any;
  serviceSendClient(definition: any): any; objectSendClient(definition: any, key: string): any; client(descriptor: any, key?: string): any; sendClient(descriptor: any, key?: string): any;
  result(send: any): Promise<any>; resolveAwakeable(id: string, payload?: any, serde?: any): Promise<void>; rejectAwakeable(id: string, reason: string): Promise<void>;
  call(call: any): Promise<any>; send(send: any): Promise<any>; scope(key: string): any;
}
export declare function connect(options: any): Ingress;
export declare class HttpCallError extends Error { status: number; responseText: string }
export declare class Opts { static from(opts: any): Opts }
export declare class SendOpts { static from(opts: any): SendOpts }
export declare namespace rpc { export function opts(opts: any): Opts; export function sendOpts(opts: any): SendOpts }
export type IngressClient<M = any> = any;
export type IngressSendClient<M = any> = any;
export type IngressWorkflowClient<M = any> = any;
export type Send<T = any> = any;
export type Output<T = any> = any;
export type WorkflowSubmission<T = any> = any;
export type ConnectionOpts = any;
export type IngressCallOptions = any;
export type IngressSendOptions = any;
export type RetryPolicy = any;
export type RetryFailure = any;
export declare const defaultShouldRetry: any;

/** How a service of AWS is spoken: what a request asks for, and how it is answered. */
import type {IncomingHttpHeaders} from 'node:http';
import type {Endpoint} from '../endpoint.ts';
import type {FaultRule} from '../fleet/fault-schema.ts';
import type {ApiError} from '../wire/api-error.ts';
import type {ServiceName} from '../wire/signature.ts';
import type {Answer} from './answer.ts';

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Asked {
  readonly action: string;
  readonly region: string;
  /** What was injected and shows in what is answered or made. */
  readonly fault?: FaultRule | undefined;
}

export interface Protocol {
  readonly service: ServiceName;
  /** The action that is asked for; empty when it is none. */
  actionOf(request: HttpRequest): string;
  /** Does what the request says. An ApiError becomes an answer. */
  answer(request: HttpRequest, asked: Asked, endpoint: Endpoint): Promise<Answer>;
  /** An error as an answer. */
  failure(error: ApiError): Answer;
}

/** One EC2 request becomes one answer. */
import {randomUUID} from 'node:crypto';
import {ApiError, encodeError} from '../wire/api-error.ts';
import {decodeInput} from '../wire/decode.ts';
import {encodeOutput} from '../wire/encode.ts';
import type {FindOperation, Operation} from '../wire/schema.ts';
import {authFailure} from '../wire/signature.ts';
import type {World} from '../world.ts';
import {ACTIONS} from './actions.ts';
import {Call} from './call.ts';
import type {Throttle} from './throttle.ts';

export interface Request {
  readonly action: string;
  readonly region: string;
  readonly parameters: URLSearchParams;
  /** An injected fault: what the snapshots that this request makes end in error with. */
  readonly snapshotFailure?: string | undefined;
}

export interface Answer {
  readonly status: number;
  /** The error's code; undefined for success. */
  readonly code: string | undefined;
  readonly body: string;
}

export interface Service {
  readonly world: World;
  readonly throttle: Throttle;
  readonly findOperation: FindOperation;
}

/** Does what the request says; what it changed is on disk when this returns. An ApiError becomes its XML. */
export function answer(request: Request, service: Service): Answer {
  try {
    return {status: 200, code: undefined, body: perform(request, service)};
  } catch (error) {
    if (error instanceof ApiError) return errorAnswer(error);
    throw error;
  }
}

/** An error as an answer. */
export function errorAnswer(error: ApiError): Answer {
  return {status: error.status, code: error.code, body: encodeError(error, randomUUID())};
}

function perform(request: Request, {world, throttle, findOperation}: Service): string {
  const {action, region, parameters} = request;
  const operation = findOperation(action);
  const handler = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (!operation || !handler) {
    throw new ApiError('InvalidAction', `The action ${action} is not valid for this web service.`);
  }
  if (!world.fleet.regions[region]?.opted_in) throw authFailure();
  throttle.take(region, action, parameters, world.clock.now());
  return run({operation, handler: handler as (input: object, call: Call) => object}, request, world);
}

interface Known {
  readonly operation: Operation;
  readonly handler: (input: object, call: Call) => object;
}

function run(
  {operation, handler}: Known,
  {action, region, parameters, snapshotFailure}: Request,
  world: World,
): string {
  const input = decodeInput(operation.input, parameters);
  const call = new Call(action, region, world, snapshotFailure);
  const output = handler(input, call);
  if ('DryRun' in input && input.DryRun === true) {
    throw new ApiError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.');
  }
  world.commit(call.changes);
  return encodeOutput(operation, output, randomUUID());
}

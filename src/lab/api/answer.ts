/** One EC2 request becomes one answer. */
import {randomUUID} from 'node:crypto';
import type {FaultRule} from '../fleet/fault-schema.ts';
import type {Hardware} from '../hardware/hardware.ts';
import {ApiError, encodeError} from '../wire/api-error.ts';
import {decodeInput} from '../wire/decode.ts';
import {encodeOutput} from '../wire/encode.ts';
import type {FindOperation, Operation} from '../wire/schema.ts';
import {authFailure} from '../wire/signature.ts';
import type {World} from '../world.ts';
import {ACTIONS} from './actions.ts';
import {Call} from './call.ts';
import {isMutating, type Throttle} from './throttle.ts';

export interface Request {
  readonly action: string;
  readonly region: string;
  readonly parameters: URLSearchParams;
  /** What was injected and shows in what this request makes. */
  readonly fault?: FaultRule | undefined;
}

export interface Answer {
  readonly status: number;
  /** The error's code; undefined for success. */
  readonly code: string | undefined;
  readonly body: string | Uint8Array;
  /** XML unless told. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Service {
  readonly world: World;
  readonly throttle: Throttle;
  readonly findOperation: FindOperation;
  /** What carries changes out on real disks and machines, where there are any. */
  readonly hardware?: Hardware | undefined;
}

/** Does what the request says; what it changed is on disk when this returns. An ApiError becomes its XML. */
export async function answer(request: Request, service: Service): Promise<Answer> {
  try {
    return {status: 200, code: undefined, body: await perform(request, service)};
  } catch (error) {
    if (error instanceof ApiError) return errorAnswer(error);
    throw error;
  }
}

/** An error as an answer. */
export function errorAnswer(error: ApiError): Answer {
  return {status: error.status, code: error.code, body: encodeError(error, randomUUID())};
}

function perform(request: Request, service: Service): string | Promise<string> {
  const {action, region, parameters} = request;
  const {world, throttle, findOperation, hardware} = service;
  const operation = findOperation(action);
  const handler = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (!operation || !handler) {
    throw new ApiError('InvalidAction', `The action ${action} is not valid for this web service.`);
  }
  if (!world.fleet.regions[region]?.opted_in) throw authFailure();
  throttle.take(region, action, parameters, world.clock.now());
  const known: Known = {operation, handler: handler as Known['handler']};
  if (!hardware || !isMutating(action)) return run(known, request, world);
  return hardware.oneAtATime(() => runOnHardware(known, request, world, hardware));
}

interface Known {
  readonly operation: Operation;
  readonly handler: (input: object, call: Call) => object;
}

function run(known: Known, request: Request, world: World): string {
  const {output, call} = handled(known, request, world);
  world.commit(call.changes);
  return encodeOutput(known.operation, output, randomUUID());
}

/** What is shown is there: the changes count when the hardware has made them. */
async function runOnHardware(
  known: Known,
  request: Request,
  world: World,
  hardware: Hardware,
): Promise<string> {
  const {output, call} = handled(known, request, world);
  const finish = await hardware.carryOut(call.changes);
  world.commit(call.changes);
  await finish();
  return encodeOutput(known.operation, output, randomUUID());
}

/** Has changed nothing yet. */
function handled(
  {operation, handler}: Known,
  {action, region, parameters, fault}: Request,
  world: World,
): {readonly output: object; readonly call: Call} {
  const input = decodeInput(operation.input, parameters);
  const call = new Call(action, region, world, fault);
  const output = handler(input, call);
  if ('DryRun' in input && input.DryRun === true) {
    throw new ApiError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.');
  }
  return {output, call};
}

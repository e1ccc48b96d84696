/** EC2 as ftask sees it: one call, in one region, within the limits, with ftask's own errors. */
import type {Clock} from '../clock.ts';
import {
  type Action,
  type Input,
  isAwaited,
  isRepeatable,
  type Output,
  type PagedAction,
  serviceOf,
} from './call/actions.ts';
import {classify} from './call/classify.ts';
import type {RateLimits} from './call/limits.ts';
import {type Connection, defaultRegion, openClient, type ServiceClient, siteOf} from './call/sdk.ts';
import {isTransient, ThrottledError, UnreachableError} from './errors.ts';
import type {Region} from './ids.ts';

/** Where EC2's regions are listed from when neither environment nor profile names a region. */
const FALLBACK_REGION = 'us-east-1' as Region;

const MAX_ATTEMPTS = 4;
const MAX_THROTTLED_ATTEMPTS = 12;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** The seam to AWS. Reached by endpoint, so a lab, moto and AWS look the same from here. */
export interface Ec2 {
  readonly clock: Clock;
  /** Where it is reached, when that is not AWS's own address. */
  readonly endpointUrl?: string;
  /** Requests in flight per region. */
  readonly concurrency: number;
  /** The region named by the environment or the profile. */
  defaultRegion(): Promise<Region | undefined>;
  /**
   * Makes one call, waiting for its token first. Throttled calls are repeated after a pause, and so
   * are lost ones where a second call does no harm; a creating call without a client token is not.
   * @throws Ec2Error of the class that tells what happened; what `around` throws
   */
  call<A extends Action>(
    region: string,
    action: A,
    input: Input<A>,
    signal?: AbortSignal,
    around?: Around,
  ): Promise<Output<A>>;
  close(): void;
}

/**
 * What is done around each request of a call, for as short as it takes: begun when the request's token is there, over
 * before any pause and any further attempt. It may send once.
 */
export type Around = <Answer>(send: () => Promise<Answer>) => Promise<Answer>;

export interface Ec2Options extends Connection {
  readonly clock: Clock;
  readonly limits: RateLimits;
  /** Told once a region when AWS throttles although the limits are kept. */
  readonly onThrottled: (region: Region, action: string) => void;
}

/** Opens EC2. Nothing is loaded or connected before the first call; may be closed twice. */
export function openEc2(options: Ec2Options): Ec2 {
  const clients = new Map<string, Promise<ServiceClient>>();
  const throttled = new Set<Region>();

  const clientFor = (region: Region, action: Action): Promise<ServiceClient> => {
    const service = serviceOf(action);
    const key = `${service} ${region}`;
    let client = clients.get(key);
    if (!client) {
      client = openClient(region, service, options);
      clients.set(key, client);
    }
    return client;
  };

  const once = async <A extends Action>(
    region: Region,
    action: A,
    input: Input<A>,
    signal?: AbortSignal,
    around: Around = (send) => send(),
  ): Promise<Output<A>> => {
    const client = await clientFor(region, action);
    const request = async (): Promise<Output<A>> => {
      try {
        return await send(client, action, input, signal);
      } catch (error) {
        // A call that is not cut off has a failure that is news even after Ctrl-C.
        if (!isAwaited(action)) signal?.throwIfAborted();
        throw classify(error, siteOf(action, region, options));
      }
    };
    return options.limits.bucket(region, action).spend(() => around(request), signal);
  };

  const call: Ec2['call'] = async (name, action, input, signal, around) => {
    const region = name as Region;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once(region, action, input, signal, around);
      } catch (error) {
        if (!mayRepeat(error, isRepeatable(action, input), attempt)) throw error;
        if (error instanceof ThrottledError) {
          options.limits.bucket(region, action).drain();
          if (!throttled.has(region)) options.onThrottled(region, action);
          throttled.add(region);
        }
        await options.clock.sleep(pauseMs(attempt), signal);
      }
    }
  };

  return {
    clock: options.clock,
    ...(options.endpointUrl === undefined ? {} : {endpointUrl: options.endpointUrl}),
    concurrency: options.concurrency,
    defaultRegion: () => defaultRegion(options),
    call,
    close: () => {
      for (const client of clients.values()) client.then((opened) => opened.destroy()).catch(() => {});
      clients.clear();
    },
  };
}

/** The region to ask about regions. */
export async function homeRegion(ec2: Ec2): Promise<Region> {
  return (await ec2.defaultRegion()) ?? FALLBACK_REGION;
}

/** Items in a page of a listing, if nothing else is asked for: the most that EC2 gives. */
const PAGE_SIZE = 1000;

/** All pages of a listing, one after another. A page may be empty and still not be the last. */
export async function* pages<A extends PagedAction>(
  ec2: Ec2,
  region: Region,
  action: A,
  input: Input<A>,
  signal?: AbortSignal,
): AsyncGenerator<Output<A>> {
  let token: string | undefined;
  do {
    const page: Output<A> = await ec2.call(
      region,
      action,
      {MaxResults: PAGE_SIZE, ...input, ...(token === undefined ? {} : {NextToken: token})},
      signal,
    );
    yield page;
    token = page.NextToken || undefined;
  } while (token !== undefined);
}

function send<A extends Action>(
  client: ServiceClient,
  action: A,
  input: Input<A>,
  signal?: AbortSignal,
): Promise<Output<A>> {
  const method = `${action[0]?.toLowerCase()}${action.slice(1)}`;
  const invoke = Reflect.get(client, method) as (
    input: Input<A>,
    options: {abortSignal?: AbortSignal},
  ) => Promise<Output<A>>;
  return invoke.call(client, input, signal && !isAwaited(action) ? {abortSignal: signal} : {});
}

function mayRepeat(error: unknown, isRepeatable: boolean, attempt: number): boolean {
  if (error instanceof ThrottledError) return attempt < MAX_THROTTLED_ATTEMPTS;
  if (attempt >= MAX_ATTEMPTS || !isTransient(error)) return false;
  return isRepeatable || error instanceof UnreachableError;
}

/** Full jitter: callers that were turned away together do not come back together. */
function pauseMs(attempt: number): number {
  return Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
}

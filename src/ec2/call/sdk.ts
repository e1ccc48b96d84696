/** The AWS SDK behind one function: a client of a service for a region, loaded on first use. */
import {setFlagsFromString} from 'node:v8';
import type {EBS} from '@aws-sdk/client-ebs';
import type {EC2, EC2ClientConfig} from '@aws-sdk/client-ec2';
import type {KMS} from '@aws-sdk/client-kms';
import type {CallSite} from '../errors.ts';
import type {Region} from '../ids.ts';
import {isCreating, type Service, serviceOf} from './actions.ts';
import {clockIsWrong, notEc2} from './classify.ts';
import {presignCopies} from './copy-url.ts';

/** How to reach EC2. */
export interface Connection {
  readonly profile?: string;
  readonly endpointUrl?: string;
  /** Given for a lab; else the SDK's default chain finds them. */
  readonly credentials?: {readonly accessKeyId: string; readonly secretAccessKey: string};
  /** Requests in flight per region. */
  readonly concurrency: number;
}

/** What has a method for each action of its service. */
export type ServiceClient = EC2 | EBS | KMS;

/** More than this is refused by AWS, see the RequestExpired row of its error table. */
const MAX_SKEW_MS = 5 * 60_000;
const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 60_000;

/** A client of one service for one region. Its own retries are off: only ftask knows which calls may be repeated. */
export async function openClient(
  region: Region,
  service: Service,
  connection: Connection,
): Promise<ServiceClient> {
  // V8's own: the parts of large answers live for a while, unlike the pieces of streams that main.ts has in mind.
  setFlagsFromString('--semi-space-growth-factor=2');
  const client = await load(service, {
    region,
    maxAttempts: 1,
    ...(connection.profile === undefined ? {} : {profile: connection.profile}),
    ...(connection.endpointUrl === undefined ? {} : {endpoint: connection.endpointUrl}),
    ...(connection.credentials === undefined ? {} : {credentials: connection.credentials}),
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: ANSWER_TIMEOUT_MS,
      // The one above ends with the headers; a body may stop half way, too.
      socketTimeout: ANSWER_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      httpAgent: {keepAlive: true, maxSockets: connection.concurrency},
      httpsAgent: {keepAlive: true, maxSockets: connection.concurrency},
    },
  });
  // What the clients have in common differs in its types only.
  inspectAnswers(client as EC2, region, connection);
  presignCopies(client as EC2);
  // It prepares a log entry for each call even where nothing is logged.
  client.middlewareStack.remove('loggerMiddleware');
  return client;
}

/** Where a call goes, for people: without what a proxy's address may hold of user and password. */
export function siteOf(action: string, region: Region, {endpointUrl, profile}: Connection): CallSite {
  return {
    service: serviceOf(action),
    action,
    region,
    ...(profile !== undefined && {profile}),
    ...(endpointUrl !== undefined && {endpoint: endpointUrl.replace(/\/\/[^/?#]*@/, '//')}),
  };
}

/** The region that the environment or the profile names, if one does. */
export async function defaultRegion(connection: Connection): Promise<Region | undefined> {
  keepQuiet();
  const {EC2} = await import('@aws-sdk/client-ec2');
  const client = new EC2({...(connection.profile === undefined ? {} : {profile: connection.profile})});
  try {
    return (await client.config.region()) as Region;
  } catch {
    // The SDK has no other way to say that no region is configured.
    return undefined;
  } finally {
    client.destroy();
  }
}

async function load(service: Service, config: EC2ClientConfig): Promise<ServiceClient> {
  keepQuiet();
  switch (service) {
    case 'ec2':
      return new (await import('@aws-sdk/client-ec2')).EC2(config);
    case 'ebs':
      return new (await import('@aws-sdk/client-ebs')).EBS(config);
    case 'kms':
      return new (await import('@aws-sdk/client-kms')).KMS(config);
  }
}

/** Read by the SDK when a client is made: on Node 20 it would print a notice on stderr. */
function keepQuiet(): void {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
}

interface Answer {
  readonly headers: Readonly<Record<string, string>>;
  readonly statusCode: number;
}

/**
 * Looks at each answer before the SDK does: it would quietly correct a wrong clock, while the time
 * tags of snapshots come from it, and it would take a proxy's page for a server error.
 */
function inspectAnswers(client: EC2, region: Region, connection: Connection): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      const {headers, statusCode} = result.response as Answer;
      const action = String(context.commandName ?? '').replace(/Command$/, '');
      const site = siteOf(action, region, connection);
      if (/html/i.test(headers['content-type'] ?? '')) throw notEc2(site, `an HTML page, HTTP ${statusCode}`);
      const skewMs = Date.parse(headers['date'] ?? '') - Date.now();
      // What a creating call made is there and must be told of, even if the clock jumped meanwhile.
      if (Math.abs(skewMs) > MAX_SKEW_MS && !isCreating(action)) throw clockIsWrong(site, {skewMs});
      return result;
    },
    {step: 'deserialize', name: 'ftaskInspectAnswers', priority: 'low'},
  );
}

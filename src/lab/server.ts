/** The lab's HTTP endpoint on loopback: EC2, EBS direct and KMS, and `/_lab`. */
import {once} from 'node:events';
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {FtaskError} from '../errors.ts';
import {type Answer, errorAnswer} from './api/answer.ts';
import type {HttpRequest, Protocol} from './api/protocol.ts';
import {protocolOf} from './api/protocols.ts';
import {isMutating} from './api/throttle.ts';
import {control} from './control.ts';
import type {Endpoint} from './endpoint.ts';
import type {FaultRule} from './fleet/fault-schema.ts';
import {ApiError} from './wire/api-error.ts';
import {signedRegion} from './wire/signature.ts';

/** Listens on 127.0.0.1; port 0 takes any. @throws FtaskError PortInUse */
export async function serve(endpoint: Endpoint, port: number): Promise<Server> {
  const server = createServer({keepAliveTimeout: 120_000}, (request, response) => {
    handle(request, response, endpoint).catch((error: unknown) => {
      const internal = new ApiError(
        'InternalError',
        error instanceof Error ? (error.stack ?? '') : String(error),
        500,
      );
      if (!response.headersSent) send(response, errorAnswer(internal), endpoint);
    });
  });
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new FtaskError('PortInUse', `the lab cannot listen on 127.0.0.1:${port}`, {
      hint: 'choose another port',
      cause,
    });
  }
  return server;
}

/** Where a server listens. */
export function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function handle(request: IncomingMessage, response: ServerResponse, endpoint: Endpoint): Promise<void> {
  const body = await bodyOf(request);
  const url = new URL(request.url ?? '/', 'http://lab');
  if (url.pathname === '/_lab' || url.pathname.startsWith('/_lab/')) {
    const {status, value} = control(`${request.method} ${url.pathname}`, body, endpoint);
    response.writeHead(status, {'content-type': 'application/json'});
    response.end(JSON.stringify(value));
    return;
  }
  const asked = {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body,
  };
  const protocol = protocolOf(asked);
  const action = protocol.actionOf(asked);
  const region = regionOf(asked, protocol, endpoint);
  if (typeof region !== 'string') {
    log(action, '', region.code ?? '', endpoint);
    return send(response, region, endpoint);
  }
  const fault = endpoint.faults.strike(action, region);
  if (fault && (await struck(fault, protocol, response, endpoint))) {
    log(action, region, fault.kind, endpoint);
    return;
  }
  const done = await protocol.answer(asked, {action, region, fault}, endpoint);
  const isLost = fault?.kind === 'lost-answer';
  log(action, region, isLost ? 'lost-answer' : (done.code ?? 'OK'), endpoint);
  if (isLost) response.destroy();
  else send(response, done, endpoint);
}

function regionOf({headers, query}: HttpRequest, protocol: Protocol, {world}: Endpoint): string | Answer {
  try {
    return signedRegion(headers, query, {service: protocol.service, wallMs: world.wallMs()});
  } catch (error) {
    if (error instanceof ApiError) return protocol.failure(error);
    throw error;
  }
}

/** Does what a fault does before the action. True when the request has been dealt with. */
async function struck(
  rule: FaultRule,
  protocol: Protocol,
  response: ServerResponse,
  endpoint: Endpoint,
): Promise<boolean> {
  switch (rule.kind) {
    case 'lost-request':
      response.destroy();
      return true;
    case 'throttle':
      send(
        response,
        protocol.failure(new ApiError('RequestLimitExceeded', 'Request limit exceeded.')),
        endpoint,
      );
      return true;
    case 'error':
      send(response, protocol.failure(new ApiError(rule.code, rule.message, rule.status)), endpoint);
      return true;
    case 'html':
      response.writeHead(502, {'content-type': 'text/html'});
      response.end('<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>');
      return true;
    case 'hang':
      return true;
    case 'slow':
      await new Promise((resolve) => setTimeout(resolve, rule.ms).unref());
      return false;
    default:
      return false;
  }
}

function log(action: string, region: string, code: string, {calls, world}: Endpoint): void {
  calls.add({action, region, at: world.clock.now(), code, mutating: isMutating(action)});
}

function send(response: ServerResponse, {status, body, headers}: Answer, {world}: Endpoint): void {
  response.writeHead(status, {
    ...(headers ?? {'content-type': 'text/xml;charset=UTF-8'}),
    'content-length': Buffer.byteLength(body),
    date: new Date(world.wallMs()).toUTCString(),
    server: 'AmazonEC2',
  });
  response.end(body);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  request.setEncoding('utf8');
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}

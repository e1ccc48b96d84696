/** Bringing a command to its end on the host itself: closing a channel does not do that. */
import {text} from 'node:stream/consumers';
import {setTimeout as delay} from 'node:timers/promises';
import {shellText} from '../command.ts';
import type {Ending} from '../result.ts';
import type {Transport} from '../transport.ts';
import {endingScript} from './ending-script.ts';
import {type Launch, type Launched, launch} from './launch.ts';

/** For the connection, sudo and the host to answer, beside the grace. */
const ANSWER_MS = 15_000;
/** For the first sign of a command that was just sent. */
const FIRST_SIGN_MS = 3000;

/**
 * Sends TERM to all processes of a command, waits until they are gone, sends KILL after the grace. Runs over a channel
 * of its own, as the same user. Never rejects and never waits without end.
 */
export async function endOnHost(
  transport: Transport,
  launched: Launched,
  request: Launch,
  graceMs: number,
): Promise<Ending> {
  try {
    const processIds = await firstSign(launched);
    if (processIds.length === 0) return unknown('it never told its process id');
    const limit = AbortSignal.timeout(graceMs + ANSWER_MS);
    const report = await askedHost(transport, {
      ...request,
      command: shellText(endingScript(processIds, graceMs)).with(sameUser(request)),
      isUrgent: true,
      signal: limit,
    });
    return readReport(report);
  } catch (error) {
    return unknown(error instanceof Error ? error.message : String(error));
  }
}

async function firstSign(launched: Launched): Promise<readonly number[]> {
  for (let waited = 0; launched.processIds.length === 0 && waited < FIRST_SIGN_MS; waited += 50)
    await delay(50);
  return launched.processIds;
}

function sameUser({command}: Launch): {sudo?: boolean | string} {
  return command.sudo === undefined ? {} : {sudo: command.sudo};
}

async function askedHost(transport: Transport, request: Launch & {signal: AbortSignal}): Promise<string> {
  const {signal} = request;
  const asking = await launch(transport, request);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('the host did not answer in time')), {
      once: true,
    });
  });
  try {
    asking.stdin.end();
    asking.stderr.resume();
    const [said] = await Promise.race([Promise.all([text(asking.stdout), asking.exit]), late]);
    return said;
  } finally {
    asking.abandon();
  }
}

function readReport(report: string): Ending {
  const [word = '', ...targets] = report.trim().split(/\s+/);
  const detail = targets
    .map((target) => target.replace(/^-?/, (dash) => (dash ? 'process group ' : 'process ')))
    .join(', ');
  if (word === 'gone') return {how: 'gone', detail: ''};
  if (word === 'TERM' || word === 'KILL') return {how: word, detail};
  if (word === 'left') return unknown(`${detail} did not go, not even by KILL`);
  return unknown(`the host answered ${JSON.stringify(report.slice(0, 200))}`);
}

function unknown(detail: string): Ending {
  return {how: 'unknown', detail};
}

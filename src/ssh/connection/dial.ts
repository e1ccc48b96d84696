/** A TCP connection to a host, or words on why there is none. */
import {connect, type Socket} from 'node:net';
import {setTimeout as delay} from 'node:timers/promises';
import type {SshSettings} from '../settings.ts';
import {placeOf, type RawFailure, socketFailure} from './failure.ts';

/** Resolvers drop questions when many are asked at once. */
const NAME_TRIES = 4;
const NAME_DELAY_MS = 200;
/** Between the addresses of one host; Node's own 250 ms give up on far hosts. */
const NEXT_ADDRESS_MS = 2000;
const FAMILIES = {any: 0, inet: 4, inet6: 6} as const;

/** Opens the socket, without Nagle's delay: with it each small packet waits for the answer to the last. @throws HostUnreachable */
export async function dial(settings: SshSettings, signal: AbortSignal): Promise<Socket> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await dialOnce(settings, signal);
    } catch (error) {
      signal.throwIfAborted();
      const raw = error as RawFailure;
      if (raw.code !== 'EAI_AGAIN' || tries === NAME_TRIES) throw socketFailure(placeOf(settings), raw);
      await delay(NAME_DELAY_MS * 2 ** (tries - 1) * (0.5 + Math.random()), undefined, {signal});
    }
  }
}

function dialOnce(settings: SshSettings, signal: AbortSignal): Promise<Socket> {
  const {hostName: host, port, addressFamily, bindAddress} = settings;
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      family: FAMILIES[addressFamily],
      localAddress: bindAddress,
      noDelay: true,
      autoSelectFamily: addressFamily === 'any' && bindAddress === undefined,
      autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
    });
    const stop = () => {
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, {once: true});
    socket.once('error', reject);
    socket.once('connect', () => {
      signal.removeEventListener('abort', stop);
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

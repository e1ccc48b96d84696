/** The address that instances see this machine under. */
import {isIP} from 'node:net';
import {FtaskError} from '../../errors.ts';
import type {Ec2} from '../client.ts';

const CHECK_IP = 'https://checkip.amazonaws.com';
const TIMEOUT_MS = 10_000;

/**
 * As a range of one address, `203.0.113.7/32`: AWS is asked, or the lab that stands in its place.
 * @throws FtaskError `NoOwnAddress`
 */
export async function ownAddress({endpointUrl}: Ec2, signal: AbortSignal): Promise<string> {
  const address = endpointUrl === undefined ? await ask(CHECK_IP, signal) : await askLab(endpointUrl, signal);
  const version = isIP(address);
  if (version === 0) throw unknown(`${JSON.stringify(address.slice(0, 40))} is no address`);
  return `${address}/${version === 4 ? 32 : 128}`;
}

/** A lab tells this machine's end of its network; one without hardware has no network to be seen from. */
async function askLab(endpointUrl: string, signal: AbortSignal): Promise<string> {
  const url = new URL('/_lab', endpointUrl).href;
  const text = await ask(url, signal);
  try {
    const {gateway} = JSON.parse(text) as {readonly gateway?: string};
    return gateway ?? '127.0.0.1';
  } catch {
    throw unknown(`${url} is no lab`);
  }
}

async function ask(url: string, signal: AbortSignal): Promise<string> {
  try {
    const response = await fetch(url, {signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])});
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return (await response.text()).trim();
  } catch (error) {
    signal.throwIfAborted();
    throw unknown(`${url} does not tell it: ${error instanceof Error ? error.message : error}`);
  }
}

function unknown(why: string): FtaskError {
  return new FtaskError('NoOwnAddress', `the address of this machine is not known: ${why}`, {
    hint: 'Say which addresses may reach temporary instances: temporary.ssh_from of the configuration.',
  });
}

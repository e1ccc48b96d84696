/** The wire from this machine to a lab's core, and with it the lab's share of the addresses. */
import {FtaskError} from '../../../errors.ts';
import {ProgramFailed, run} from '../run.ts';
import type {Core} from './core.ts';

export interface Uplink {
  /** The address with its last number left out: `198.18.4.` */
  readonly prefix: string;
  /** This machine's end. */
  readonly gateway: string;
  /** The core's end, which everything in the lab sends to. */
  readonly core: string;
  close(): Promise<void>;
}

/** Takes the first /24 of 198.18.0.0/16 (RFC 2544: for tests of networks) that no other lab on this machine has. */
export async function openUplink(core: Core): Promise<Uplink> {
  for (let lab = 0; lab < 256; lab++) {
    const uplink = uplinkOf(lab);
    if (await claim(uplink, core)) {
      return {...uplink, close: () => run(['ip', 'link', 'delete', uplink.device]).then(() => {})};
    }
  }
  throw new FtaskError(
    'NoLabNetwork',
    'lab hardware: every network of 198.18.0.0/16 is taken on this machine',
    {
      hint: 'end other labs with `ftask lab down`',
    },
  );
}

interface Claimable {
  readonly device: string;
  readonly prefix: string;
  readonly gateway: string;
  readonly core: string;
}

function uplinkOf(lab: number): Claimable {
  const prefix = `198.18.${lab}.`;
  return {device: `ftask-lab${lab}`, prefix, gateway: `${prefix}1`, core: `${prefix}2`};
}

/** False when another has it. The kernel decides: it lets only one make a device of that name, or that route. */
async function claim({device, prefix, gateway, core}: Claimable, {pid, ip}: Core): Promise<boolean> {
  const made = await unlessExists(
    run(['ip', 'link', 'add', device, 'type', 'veth', 'peer', 'name', 'uplink', 'netns', `${pid}`]),
  );
  if (!made) return false;
  await ip([`address add ${core}/32 dev uplink`, 'link set uplink up', `route add ${gateway} dev uplink`]);
  const lines = [
    `address add ${gateway}/32 dev ${device}`,
    `link set ${device} up`,
    `route add ${prefix}0/24 via ${core} dev ${device} onlink src ${gateway}`,
  ];
  const routed = await unlessExists(run(['ip', '-batch', '-'], lines.join('\n')));
  if (!routed) await run(['ip', 'link', 'delete', device]);
  return routed;
}

async function unlessExists(made: Promise<unknown>): Promise<boolean> {
  try {
    await made;
    return true;
  } catch (error) {
    if (error instanceof ProgramFailed && error.stderr.includes('File exists')) return false;
    throw error;
  }
}

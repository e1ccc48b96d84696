/** How rsync gets from one instance to the other. */
import {argv} from '../../host/command.ts';
import type {Way} from '../trees/channel.ts';
import type {Side} from './side.ts';
import type {Pair} from './sides.ts';
import type {RsyncTools} from './tools.ts';

/** Until a new rule of a security group works. */
const OPEN_TIMEOUT_MS = 30_000;
const INTERVAL_MS = 2000;

/**
 * Directly: a temporary destination is opened to the source's address, and to nobody else. Through this machine where the
 * source cannot reach it nevertheless, as from a subnet behind a NAT. What is the operator's own is not changed.
 */
export async function wayBetween(tools: RsyncTools, {source, target}: Pair): Promise<Way> {
  if (!target.scratch) return 'direct';
  const address = addressTowards(source, target);
  if (address !== undefined) {
    await target.scratch.admit(target.id, [`${address}/${address.includes(':') ? 128 : 32}`]);
    if (await isReached(tools, {source, target})) return 'direct';
  }
  tools.run.progress.note(
    `${source.id} does not reach ${target.id} in ${target.region}: what is copied goes through this machine`,
  );
  return 'through-controller';
}

/** What the source's connections come from: its public address, if they go to a public one. */
function addressTowards(source: Side, {reach, publicAddress}: Side): string | undefined {
  return reach?.address === publicAddress ? source.publicAddress : source.privateAddress;
}

async function isReached({run}: RsyncTools, {source, target}: Pair): Promise<boolean> {
  if (!target.reach) return false;
  const {address, port} = target.reach;
  const look = argv('ssh-keyscan', '-T', '5', '-p', String(port), address);
  const giveUpAt = run.clock.now() + OPEN_TIMEOUT_MS;
  for (;;) {
    const {stdout} = await source.host.run(look, {reads: true, accept: 'any'});
    if (/^[^#\s]/m.test(stdout)) return true;
    if (run.clock.now() >= giveUpAt) return false;
    await run.clock.sleep(INTERVAL_MS, run.signal);
  }
}

/** What people are told of how still an instance was held. */
import type {Snapshot} from '../../ec2/snapshots/snapshots.ts';
import {FtaskError} from '../../errors.ts';
import {cutMessage} from '../../runner/item-message.ts';
import type {Reached} from './reached.ts';

interface Made {
  readonly snapshots: readonly Snapshot[];
  readonly reached?: Reached;
}

/** The failure of an instance whose snapshots are less consistent than was asked for; they stay. */
export function lessConsistent({snapshots, reached}: Made): FtaskError | undefined {
  if (!reached || reached.shortfalls.length === 0) return undefined;
  const made = snapshots.map(({id, origin}) => `${id} (${origin.consistency})`).join(', ');
  return new FtaskError('LessConsistent', `${reached.shortfalls.join('; ')}; made nevertheless: ${made}`, {
    hint: 'What was made stays. --resume makes it again; --best-effort takes what can be had.',
  });
}

/** For the line of an instance that is done. */
export function stillText({reached}: Made): string[] {
  if (!reached) return [];
  const {frozenMs, filesystems} = reached;
  const placesOf = (state: string) =>
    filesystems
      .filter((filesystem) => filesystem.state === state)
      .map(({mountPoint}) => mountPoint)
      .join(' ');
  const [frozen, synced] = [placesOf('frozen'), placesOf('synced')];
  return [
    ...(frozen && frozenMs !== undefined ? [`frozen ${Math.round(frozenMs)} ms: ${frozen}`] : []),
    ...(synced ? [`synced: ${synced}`] : []),
  ];
}

/** What went wrong with a host, in a line without its name, which stands before it. */
export function lineOf({message}: FtaskError, host: string): string {
  return cutMessage(message, host).what.split('\n', 1)[0] ?? '';
}

/** Unmounting, and who stands in its way. */
import {FtaskError} from '../../errors.ts';
import {argv, type CommandOptions} from '../../host/command.ts';
import {CommandFailed} from '../../host/failures.ts';
import type {Host} from '../../host/host.ts';
import {asRoot} from '../as-root.ts';
import {survey} from '../survey/survey.ts';
import {usersOf} from './users.ts';

/** Somebody uses what is mounted there, so it stays mounted. */
export class FilesystemBusy extends FtaskError {
  constructor(host: string, mountPoint: string, users: readonly string[]) {
    super('FilesystemBusy', `${host}: ${mountPoint} is busy: ${users.join(', ')}`, {
      hint: 'end what uses it, then try again',
    });
  }
}

/** Unmounts what lies uppermost at `mountPoint`; nothing is there after that, or was before. @throws FilesystemBusy, CommandFailed */
export async function unmount(host: Host, mountPoint: string, options: CommandOptions = {}): Promise<void> {
  const result = await host.run(asRoot(argv('umount', mountPoint)), {...options, accept: 'any'});
  if (result.code === 0) return;
  const {mounts} = await survey(host, options);
  const mount = mounts.findLast((one) => one.mountPoint === mountPoint);
  if (!mount) return;
  if (!/busy/.test(result.stderr)) throw new CommandFailed(result);
  const below = mounts
    .filter(({parentId}) => parentId === mount.id)
    .map((one) => `${one.mountPoint} is mounted in it`);
  const users = [...below, ...(await usersOf(host, mountPoint, options))];
  throw new FilesystemBusy(host.name, mountPoint, users);
}

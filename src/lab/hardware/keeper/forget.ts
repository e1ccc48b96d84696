/** Forgets what a lab's hardware has kept. */
import {existsSync} from 'node:fs';
import {rm} from 'node:fs/promises';
import {dirname} from 'node:path';
import {RefusedError} from '../../../errors.ts';
import {hardwareFolder, sshConfigOf} from '../places.ts';
import {lastingLeftovers} from './leftovers.ts';

/** Removes all blocks, and the key. @throws RefusedError LabLeftovers while a crashed lab still has devices of them */
export async function forgetHardware(stateDir: string): Promise<void> {
  if (!existsSync(hardwareFolder(stateDir))) return;
  const left = await lastingLeftovers(stateDir);
  if (left.length > 0) {
    throw new RefusedError('LabLeftovers', `of the lab in ${stateDir} there still is: ${left.join(', ')}`, {
      hint: '`ftask lab down --force` sweeps it away',
    });
  }
  await rm(hardwareFolder(stateDir), {recursive: true});
  await rm(dirname(sshConfigOf(stateDir)), {recursive: true, force: true});
}

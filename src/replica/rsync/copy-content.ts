/** What is on one volume goes to another: file by file, or block by block where it is not one plain filesystem. */
import {copyDevice} from '../blocks/copy-device.ts';
import {copyFiles} from './copy-files.ts';
import type {Copied, Disk, Targets} from './disk.ts';
import type {Job} from './job.ts';
import {openSource} from './open-source.ts';

/** The copy has been compared with the source, and nothing of it is mounted any more. @throws FtaskError */
export async function copyContent(job: Job, from: Disk, targets: Targets): Promise<Copied> {
  const {order, tools, way} = job;
  const files = await openSource(job, from);
  if (files) return copyFiles(job, files, targets);
  // What lies at the end of a disk must not come to lie in the middle of a larger one.
  const disk = targets.first.sizeGiB === from.sizeGiB ? targets.first : await targets.openEmpty();
  const {sentBytes} = await copyDevice(tools, {
    source: from,
    target: disk,
    way,
    isOurs: true,
    say: (text) => order.say(text),
  });
  return {disk, bytes: sentBytes};
}

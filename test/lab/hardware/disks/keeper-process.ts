/** What `keeper.ts` starts in a mount namespace of its own: a lab's disks, called from the test. */
import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import {openDisks} from '../../../../src/lab/hardware/disks/disks.ts';
import {answerCalls} from '../remote-calls.ts';

const run = promisify(execFile);

export type Calls = Awaited<ReturnType<typeof openCalls>>;

answerCalls(await openCalls(process.argv[2] ?? ''));

async function openCalls(folder: string) {
  const disks = await openDisks(folder, {storeGiB: 4});
  return {
    createVolume: disks.createVolume.bind(disks),
    deleteVolume: disks.deleteVolume.bind(disks),
    format: disks.format.bind(disks),
    snapshot: disks.snapshot.bind(disks),
    copySnapshot: disks.copySnapshot.bind(disks),
    importSnapshot: disks.importSnapshot.bind(disks),
    deleteSnapshot: disks.deleteSnapshot.bind(disks),
    attach: async (volumeId: string) => (await disks.attach(volumeId)).path,
    detach: (volumeId: string, force = false) => disks.detach(volumeId, {force}),
    has: async (...what: Parameters<typeof disks.has>) => disks.has(...what),
    close: () => disks.close(),
    /** What a shell writes that sees the keeper's mounts. */
    sh: async (script: string, ...words: string[]) => {
      const {stdout} = await run('sh', ['-ec', `PATH=$PATH:/usr/sbin:/sbin; ${script}`, 'sh', ...words]);
      return stdout.trim();
    },
  };
}

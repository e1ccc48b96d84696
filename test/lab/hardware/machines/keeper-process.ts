/** What `keeper.ts` starts in namespaces of its own: the lab's machines, called from the test. */
import {execFile} from 'node:child_process';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {
  type BlockDevice,
  type LoopDevice,
  loopDevice,
} from '../../../../src/lab/hardware/disks/loop-device.ts';
import {makeRootImage} from '../../../../src/lab/hardware/machines/image/root-image.ts';
import {openMachines} from '../../../../src/lab/hardware/machines/machines.ts';
import {openNetwork} from '../../../../src/lab/hardware/network/network.ts';
import {answerCalls} from '../remote-calls.ts';

const run = promisify(execFile);
const MIB = 64;

export type Calls = Awaited<ReturnType<typeof openCalls>>;

answerCalls(await openCalls(process.argv[2] ?? ''));

async function openCalls(folder: string) {
  const image = join(folder, 'root.img');
  await makeRootImage(image, MIB);
  const network = await openNetwork([{between: ['eu-west-1', 'us-east-1'], delayMs: 1}]);
  const machines = await openMachines(join(folder, 'machines'), network);
  const disks: LoopDevice[] = [];
  const disk = async (make: (file: string) => readonly [string, ...string[]]): Promise<BlockDevice> => {
    const file = join(folder, `disk${disks.length}`);
    const [program, ...words] = make(file);
    await run(program, words);
    const device = await loopDevice(file);
    disks.push(device);
    const {path, major, minor} = device;
    return {path, major, minor};
  };
  return {
    nextAddress: async () => network.nextAddress(),
    rootDisk: () => disk((file) => ['cp', '--sparse=always', image, file]),
    dataDisk: () => disk((file) => ['mkfs.ext4', '-q', file, `${MIB}M`]),
    emptyDisk: () => disk((file) => ['truncate', '-s', `${MIB}M`, file]),
    start: machines.start.bind(machines),
    stop: machines.stop.bind(machines),
    isRunning: async (id: string) => machines.isRunning(id),
    addDisk: machines.addDisk.bind(machines),
    removeDisk: machines.removeDisk.bind(machines),
    hostKey: machines.hostKey.bind(machines),
    close: async () => {
      await machines.close();
      await network.close();
      await Promise.all(disks.map((device) => device.release()));
    },
  };
}

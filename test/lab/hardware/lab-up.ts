/** A lab with disks and machines, in a folder of its own, as `ftask lab up` makes it. Needs Linux, root and programs. */
import {execFile} from 'node:child_process';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {checkRequirements} from '../../../src/lab/hardware/keeper/requirements.ts';
import {type Ended, ftask} from '../../e2e/ftask.ts';
import {atEnd} from '../../ssh/at-end.ts';

const run = promisify(execFile);

/** Why no such lab can be up here: the `skip` of a suite that needs one. */
export const noHardware: string | false = await checkRequirements().then(
  () => false,
  (error: Error) => error.message,
);

export interface UpLab {
  /** Of its EC2 API. */
  readonly url: string;
  /** Where `ftask --lab` joins it. */
  readonly folder: string;
  /** What ssh needs to log in to its instances. */
  readonly sshConfig: string;
  /** What a shell on an instance writes; rejects when the command fails. */
  ssh(name: string, ...words: string[]): Promise<string>;
  /** Runs `ftask --lab` with these words in the lab's folder. */
  ftask(...words: string[]): Promise<Ended>;
  /** Ends it, with a check that nothing is left. May be called twice. */
  down(): Promise<void>;
}

/** Starts a lab of this fleet; it ends with the test file at the latest. */
export async function labUp(fleet: object): Promise<UpLab> {
  const folder = await mkdtemp(join(tmpdir(), 'ftask-lab-up-'));
  const file = join(folder, 'lab.yaml');
  await writeFile(file, JSON.stringify(fleet));
  let isDown = false;
  const down = async (...words: string[]) => {
    if (isDown) return;
    const ended = await ftask(folder, ['lab', 'down', ...words]);
    if (ended.code !== 0) throw new Error(ended.stderr);
    isDown = true;
  };
  atEnd(async () => {
    await down('--force');
    await rm(folder, {recursive: true});
  });
  const up = await ftask(folder, ['lab', 'up', '--file', file]);
  if (up.code !== 0) throw new Error(up.stderr);
  const lock = JSON.parse(await readFile(join(folder, '.ftask/lab/lock.json'), 'utf8')) as {url: string};
  const sshConfig = join(folder, '.ftask/lab/ssh/config');
  return {
    url: lock.url,
    folder,
    sshConfig,
    ssh: async (name, ...words) => (await run('ssh', ['-F', sshConfig, name, ...words])).stdout,
    ftask: (...words) => ftask(folder, ['--lab', ...words]),
    down: () => down(),
  };
}

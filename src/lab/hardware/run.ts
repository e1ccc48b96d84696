/** Runs the programs of this machine that the lab's hardware is made with. */
import {spawn} from 'node:child_process';
import {text} from 'node:stream/consumers';
import {FtaskError} from '../../errors.ts';

/** What the hardware's processes see of the environment: nothing of ours, and `sbin` where a user's PATH lacks it. */
export const ENVIRONMENT: NodeJS.ProcessEnv = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
};

/** A program of this machine is missing or said no. */
export class ProgramFailed extends FtaskError {
  readonly stderr: string;

  constructor(argv: readonly string[], stderr: string, cause?: unknown) {
    const [command = ''] = argv.join(' ').split('\n');
    super('ProgramFailed', `lab hardware: ${command}: ${stderr.trim().replaceAll('\n', '; ')}`, {cause});
    this.stderr = stderr;
  }
}

/**
 * What the program wrote to stdout. The arguments may show in an error, `input` does not.
 * @throws ProgramFailed when it cannot be started or ends with another code than 0
 */
export async function run(argv: readonly [string, ...string[]], input = ''): Promise<string> {
  const [program, ...words] = argv;
  const child = spawn(program, words, {env: ENVIRONMENT, stdio: 'pipe'});
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(new ProgramFailed(argv, error.message, error)));
    child.once('close', resolve);
  });
  // A program that has read enough closes its end; how it ended is what counts.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new ProgramFailed(argv, stderr || `exit code ${code}`);
  return stdout;
}

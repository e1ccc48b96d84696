/** Whether two trees are equal, by tools that are not ours. */
import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import type {Filesystem, Pair} from './pair.ts';

const run = promisify(execFile);

/** What is of each filesystem itself, and so not of the tree. */
const LEFT_OUT = '/lost+found';

/** What rsync, getfacl, getfattr and find say of what is not the same on the target as on the source. */
export async function differences(
  {lab, source, target}: Pair,
  from: Filesystem,
  to: Filesystem,
): Promise<readonly string[]> {
  const [one, other] = [source.machine.file(`/srv/${from}`), target.machine.file(`/srv/${to}`)];
  const options = ['-nacHAXSi', '--delete', '--numeric-ids', '--modify-window=-1', `--exclude=${LEFT_OUT}`];
  // XFS shows ACLs as attributes, too.
  const filters = ['--filter=-x trusted.SGI_ACL_*', '--filter=-x system.*'];
  // Newer ones follow no link of /proc to where they would write, so one side is asked where it is.
  const remote = ['--rsync-path=sudo rsync', '-e', `ssh -F ${lab.sshConfig}`];
  const rsync = await run('rsync', [...options, ...filters, ...remote, `${one}/`, `target:/srv/${to}/`]);
  const listed = await Promise.all(
    [ACLS, ATTRIBUTES, FACTS].map(async (script) => {
      const [first, second] = await Promise.all([told(script, one), told(script, other)]);
      return [...only('-', first, second), ...only('+', second, first)];
    }),
  );
  return [...rsync.stdout.split('\n').filter(Boolean), ...listed.flat()];
}

const ACLS = "getfacl -RnP . | awk -v RS= -v ORS='\\n\\n' '!/^# file: lost.found/'";
const ATTRIBUTES =
  "getfattr -Rh -d -m- -e hex . | grep -v '^trusted.SGI_ACL_' | awk -v RS= -v ORS='\\n\\n' '/\\n/ && !/^# file: lost/'";
/** Sizes of folders and times of creation are the filesystem's own; holes are looked at by themselves. */
const FACTS = String.raw`find . -path ./lost+found -prune -o -type d -printf '%p %y %m %U %G %T@\0' -o -printf '%p %y %m %U %G %n %s %T@ %l\0'`;

async function told(script: string, folder: string): Promise<readonly string[]> {
  const {stdout} = await run('bash', ['-euc', `cd "$1"; ${script}`, 'told', folder], {
    encoding: 'latin1',
    maxBuffer: 2 ** 30,
  });
  return stdout.split(script === FACTS ? '\0' : '\n\n');
}

function only(sign: string, these: readonly string[], those: readonly string[]): string[] {
  const known = new Set(those);
  return these.filter((each) => !known.has(each)).map((each) => `${sign} ${each}`);
}

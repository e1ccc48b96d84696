/** A user's home from which a real sshd is reached under the names of many hosts. */
import {copyFile, mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {TestSshd} from '../../ssh/sshd.ts';
import {type Ended, emptyFolder, ftask, type Started, start} from '../ftask.ts';

export interface HostsHome {
  readonly folder: string;
  run(...args: string[]): Promise<Ended>;
  start(...args: string[]): Started;
}

/** A home with hosts web1 to web9 and db1, and these files (path → text). */
export async function hostsHome(
  server: TestSshd,
  files: Readonly<Record<string, string>> = {},
  lines: readonly string[] = [],
): Promise<HostsHome> {
  const names = [...Array.from({length: 9}, (_, index) => `web${index + 1}`), 'db1'];
  const hosts = Object.fromEntries(names.map((name, index) => [name, `127.0.0.${index + 1}`]));
  return homeWith(await server.clientConfig(hosts, lines), files);
}

/** A home with this ssh_config. */
export async function homeWith(
  configFile: string,
  files: Readonly<Record<string, string>> = {},
): Promise<HostsHome> {
  const folder = await emptyFolder();
  await mkdir(join(folder, '.ssh'), {mode: 0o700});
  await copyFile(configFile, join(folder, '.ssh/config'));
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
  return {
    folder,
    run: (...args) => ftask(folder, args),
    start: (...args) => start(folder, args),
  };
}

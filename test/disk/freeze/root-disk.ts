/** Hosts whose root is a disk of the test's own, with nothing on it but a shell and what a freeze needs. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {cp, mkdir, rename, symlink, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {shellHost} from '../../../src/host/exec/shell-host.ts';
import type {Host} from '../../../src/host/host.ts';
import type {Exit, Transport} from '../../../src/host/transport.ts';
import {run} from '../devices.ts';
import {filesystem} from './disks.ts';

/** What a freeze needs beside a shell that has no programs of its own. */
export const UTIL_LINUX = ['fsfreeze', 'setsid', 'sleep', 'sync'];
const PATH = '/usr/sbin:/usr/bin';

/** Why this shell cannot be tried here. */
export function lacks(shell: string): string | false {
  return existsSync(`/usr/bin/${shell}`) || existsSync(`/bin/${shell}`) ? false : `needs ${shell}`;
}

/** A host with these programs, of which the first is its `sh`; its user is root. `folder` is where its root is mounted. */
export async function hostOnDisk(...programs: readonly string[]): Promise<{host: Host; folder: string}> {
  const folder = await filesystem();
  for (const program of programs) await install(program, folder);
  await symlink(programs[0] ?? '', join(folder, PATH.split(':')[1] ?? '', 'sh'));
  for (const name of ['dev', 'proc']) await mkdir(join(folder, name));
  await run('mknod', join(folder, 'dev/null'), 'c', '1', '3');
  await run('mount', '-t', 'proc', 'proc', join(folder, 'proc'));
  return {host: hostIn(folder), folder};
}

/** The same; it freezes, but thaws nothing until it is repaired. */
export async function hostThatCannotThaw(): Promise<{
  host: Host;
  folder: string;
  repair(): Promise<void>;
}> {
  const {host, folder} = await hostOnDisk('dash', ...UTIL_LINUX);
  const fsfreeze = join(folder, 'usr/sbin/fsfreeze');
  // Not on the disk, which takes no file while it is frozen.
  await mkdir(join(folder, 'run'));
  await run('mount', '-t', 'tmpfs', 'tmpfs', join(folder, 'run'));
  await rename(fsfreeze, `${fsfreeze}-real`);
  const lines = [
    '#!/usr/bin/sh',
    '[ "$1" = --freeze ] || [ -e /run/works ] || { echo "$2: Input/output error" >&2; exit 1; }',
    'exec "$0-real" "$@"',
    '',
  ];
  await writeFile(fsfreeze, lines.join('\n'), {mode: 0o755});
  return {host, folder, repair: () => writeFile(join(folder, 'run/works'), '')};
}

/** With the libraries that it is linked to. */
async function install(program: string, folder: string): Promise<void> {
  const file = await run('sh', '-c', 'command -v "$1"', 'sh', program);
  const libraries = await run('ldd', file).catch(() => '');
  const place = join(folder, file.includes('/sbin/') ? '/usr/sbin' : '/usr/bin');
  await mkdir(place, {recursive: true});
  await cp(file, join(place, program), {dereference: true});
  for (const [library] of libraries.matchAll(/\/\S+/g)) {
    await mkdir(join(folder, dirname(library)), {recursive: true});
    await cp(library, join(folder, library), {dereference: true});
  }
}

function hostIn(folder: string): Host {
  const transport: Transport = {
    name: folder,
    open: async (commandLine) => {
      const child = spawn('chroot', [folder, 'sh', '-c', commandLine], {env: {PATH}, detached: true});
      await once(child, 'spawn');
      const exit = once(child, 'close').then(([code, signal]): Exit => ({code, signal}));
      const {stdin, stdout, stderr} = child;
      return {stdin, stdout, stderr, exit, resize: () => {}, abandon: () => {}};
    },
    close: async () => {},
  };
  return withoutSudo(
    shellHost('chroot', transport, {signal: new AbortController().signal, timeoutMs: 60_000}),
  );
}

/** A host whose user is root already, and which has no sudo. */
export function withoutSudo(host: Host): Host {
  return {
    ...host,
    run: (command, options) => host.run(command, {...options, sudo: false}),
    stream: (command, options) => host.stream(command, {...options, sudo: false}),
  };
}

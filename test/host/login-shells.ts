/** Hosts of this machine whose user has another login shell, or another `sh`. */
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync, symlinkSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after} from 'node:test';
import {shellHost} from '../../src/host/exec/shell-host.ts';
import type {Host} from '../../src/host/host.ts';
import type {Exit, Transport} from '../../src/host/transport.ts';

/** Why this shell cannot be tried here. */
export function lacks(shell: string): string | false {
  return spawnSync(shell, ['-c', 'true']).status === 0 ? false : `needs ${shell}`;
}

/** A host whose user has `loginShell`, on a machine where `sh` is `posixShell`. */
export function hostWith(loginShell: string, posixShell: string): Host {
  const folder = mkdtempSync(join(tmpdir(), 'ftask-sh-'));
  after(() => rmSync(folder, {recursive: true}));
  symlinkSync(
    spawnSync('sh', ['-c', `command -v ${posixShell}`], {encoding: 'utf8'}).stdout.trim(),
    join(folder, 'sh'),
  );
  const env = {...process.env, PATH: `${folder}:${process.env['PATH']}`};
  const transport: Transport = {
    name: loginShell,
    open: async (commandLine) => {
      const child = spawn(loginShell, ['-c', commandLine], {env, detached: true, stdio: 'pipe'});
      await once(child, 'spawn');
      const exit = once(child, 'close').then(([code, signal]): Exit => ({code, signal}));
      const {stdin, stdout, stderr} = child;
      return {stdin, stdout, stderr, exit, resize: () => {}, abandon: () => {}};
    },
    close: async () => {},
  };
  return shellHost(loginShell, transport, {signal: new AbortController().signal, timeoutMs: 60_000});
}

/** What may happen to a host while something is done on it. */
import {setTimeout as delay} from 'node:timers/promises';
import type {TestHost} from './host.ts';

/** Gives a folder, which is empty, a filesystem of its own with so much room. It is the host's until that is removed. */
export async function limitRoom(host: TestHost, folder: string, mib: number): Promise<void> {
  await host.sh(`mkdir -p '${folder}'; mount -t tmpfs -o size=${mib}M,mode=0755 tmpfs '${folder}'`);
}

/** Takes all room of the filesystem of a folder but so many MiB, whoever takes some, too; returns what gives it back. */
export async function fillUp(host: TestHost, folder: string, leaveMiB: number): Promise<() => Promise<void>> {
  const filler = `${folder}/.filler`;
  const free = `$(($(stat -fc '%a * %S' '${folder}') - ${leaveMiB} * 1048576))`;
  await host.sh(
    `fallocate -l ${free} '${filler}' 2>/dev/null || head -c ${free} /dev/zero >'${filler}' || true`,
  );
  return async () => void (await host.sh(`rm '${filler}'`));
}

/** Kills all processes of a program; how many there were. */
export async function killAll(host: TestHost, program: string): Promise<number> {
  const script = `pids=$(pgrep -x '${program}') || exit 0; kill -KILL $pids 2>/dev/null || true; echo $pids`;
  return (await host.sh(script)).split(/\s+/).filter(Boolean).length;
}

/** Waits until a process of a program runs. @throws when none does within 20 seconds */
export async function running(host: TestHost, program: string): Promise<void> {
  for (let tries = 0; tries < 1000; tries += 1) {
    if ((await host.sh(`pgrep -x '${program}' || true`)) !== '') return;
    await delay(20);
  }
  throw new Error(`${program} does not run on ${host.name}`);
}

/** The server goes without a word, as by the kernel's hand, and comes back. */
export async function crashPostgres(host: TestHost): Promise<void> {
  await host.sh('systemctl kill --signal=KILL postgresql');
  await host.sh('while [ "$(systemctl is-active postgresql)" = active ]; do sleep 0.1; done');
  await host.sh('systemctl reset-failed postgresql; systemctl start postgresql');
}

/** Programs of a host, counted when they are called, of which one waits: the points at which something can happen. */
import {setTimeout as delay} from 'node:timers/promises';
import type {TestHost} from '../../../app/host/host.ts';

/** What backups, restores and verifications call there. */
const PROGRAMS = [
  ...['chmod', 'chown', 'cp', 'curl', 'find', 'gzip', 'mkdir', 'mv', 'pg_dump', 'pg_restore', 'pigz', 'psql'],
  ...['rm', 'rsync', 'sha256sum', 'sync', 'systemctl', 'tar', 'tee', 'visudo'],
];

const FOLDER = '/run/hold';

/** Its own calls are by full paths, so that none of them counts. */
const STAND_IN = `#!/bin/sh
name=\${0##*/}
for real in /usr/bin/$name /bin/$name /usr/sbin/$name none; do [ ! -x $real ] || break; done
[ $real != none ] || exit 127
if [ -e ${FOLDER}/counting ]; then
  printf . >>${FOLDER}/calls
  if [ "$(/usr/bin/stat -c %s ${FOLDER}/calls)" -ge "$(/usr/bin/cat ${FOLDER}/at)" ] &&
    /usr/bin/mv ${FOLDER}/counting ${FOLDER}/over 2>/dev/null; then
    echo "$$ $PPID $name" >${FOLDER}/waiting
    while [ -e ${FOLDER}/waiting ]; do /usr/bin/sleep 0.02; done
  fi
fi
exec $real "$@"
`;

export interface Waiting {
  readonly pid: number;
  /** The shell that called it. */
  readonly caller: number;
  readonly program: string;
}

export interface Hold {
  /** The program that waits, as soon as one does; undefined when `signal` is aborted before. */
  reached(signal: AbortSignal): Promise<Waiting | undefined>;
  release(): Promise<void>;
  /** How many were called. */
  calls(): Promise<number>;
}

/** Puts them in the way of the real ones, for good; they do nothing until `holdAt`. */
export async function installStandIns(host: TestHost): Promise<void> {
  const installed = (
    await host.sh(`for name in ${PROGRAMS.join(' ')}; do ! command -v $name >/dev/null || echo $name; done`)
  )
    .trim()
    .split('\n');
  for (const name of installed) await host.write(`/usr/local/bin/${name}`, STAND_IN, 'root', '0755');
}

/** Counts calls from now on, and lets the one of this number wait. */
export async function holdAt(host: TestHost, at: number): Promise<Hold> {
  await host.sh(`/usr/bin/rm -rf ${FOLDER}; /usr/bin/mkdir -m 777 ${FOLDER}; cd ${FOLDER}; echo ${at} >at; : >calls
    /usr/bin/chmod 666 calls; : >counting`);
  return {
    reached: async (signal) => {
      while (!signal.aborted) {
        const [pid, caller, program = ''] = (await host.sh(`cat ${FOLDER}/waiting 2>/dev/null || true`))
          .trim()
          .split(' ');
        if (program !== '') return {pid: Number(pid), caller: Number(caller), program};
        await delay(30);
      }
      return undefined;
    },
    release: async () => void (await host.sh(`/usr/bin/rm -f ${FOLDER}/waiting ${FOLDER}/counting`)),
    calls: async () => (await host.sh(`cat ${FOLDER}/calls`)).length,
  };
}

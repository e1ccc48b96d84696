/** Which PostgreSQL the tests use, and how a cluster of their own is made of it. */
import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';

const TOP = '/usr/lib/postgresql';

/** The newest one's folder of programs. */
const PROGRAMS = (existsSync(TOP) ? readdirSync(TOP) : [])
  .sort((one, other) => Number(other) - Number(one))
  .map((version) => join(TOP, version, 'bin'))
  .find((folder) => existsSync(join(folder, 'postgres')));

/** Why there is no server here: the `skip` of a suite that needs one. */
export const noPostgres: string | false = PROGRAMS ? false : 'needs PostgreSQL (postgresql)';

/** Where `initdb`, `pg_ctl` and `postgres` are. */
export const postgresPrograms = PROGRAMS ?? TOP;

export interface ClusterOptions {
  readonly data: string;
  /** Folder of its socket, where the role is the user of the system (peer). */
  readonly socket: string;
  /** Of the socket, and of 127.0.0.1, where every role needs its password (scram). */
  readonly port: number;
  /** Of the role postgres. */
  readonly password: string;
  /** More lines of postgresql.conf. */
  readonly config?: readonly string[];
}

/** A script that makes a cluster, to be run as the user postgres. It prints nothing. */
export function initScript({data, socket, port, password, config = []}: ClusterOptions): string {
  const settings = [
    `listen_addresses = '127.0.0.1'`,
    `port = ${port}`,
    `unix_socket_directories = '${socket}'`,
    // What a test writes need not outlive the machine.
    'fsync = off',
    'full_page_writes = off',
    ...config,
  ];
  return `set -eu
umask 077
${postgresPrograms}/initdb --pgdata='${data}' --no-sync --encoding=UTF8 --locale=C.UTF-8 \\
  --auth-local=peer --auth-host=scram-sha-256 --pwfile=/dev/stdin >/dev/null <<'END'
${password}
END
cat >>'${data}/postgresql.conf' <<'END'
${settings.join('\n')}
END
`;
}

/** A PostgreSQL server on a host of the tests, as a unit of it, where Debian has it: port 5432 and /var/run/postgresql. */
import {randomBytes} from 'node:crypto';
import {initScript, noPostgres as noPrograms, postgresPrograms} from '../cluster.ts';
import {noHost, type TestHost} from './host.ts';

/** Why no host with a database can be made here. */
export const noDatabaseHost: string | false = noHost || noPrograms;

export interface HostPostgres {
  /** Of the role postgres, over TCP. */
  readonly password: string;
  /** Runs SQL as the role postgres and gives what it returns, unaligned, fields separated by `|`. @throws when it fails */
  sql(text: string, database?: string): Promise<string>;
}

const DATA = '/var/lib/postgresql/data';

const UNIT = `[Unit]
Description=PostgreSQL
[Service]
Type=notify
User=postgres
RuntimeDirectory=postgresql
RuntimeDirectoryMode=2775
ExecStart=${postgresPrograms}/postgres -D ${DATA}
KillMode=mixed
KillSignal=SIGINT
[Install]
WantedBy=multi-user.target
`;

/** Makes the cluster and starts it. */
export async function installPostgres(host: TestHost, config: readonly string[] = []): Promise<HostPostgres> {
  const password = randomBytes(12).toString('hex');
  const options = {data: DATA, socket: '/var/run/postgresql', port: 5432, password, config};
  await host.sh(initScript(options), {user: 'postgres'});
  await host.write('/etc/systemd/system/postgresql.service', UNIT);
  await host.sh('systemctl daemon-reload; systemctl --quiet enable --now postgresql');
  const sql = async (text: string, database = 'postgres') => {
    const script = `psql -XAtq -v ON_ERROR_STOP=1 -d '${database}' -f-`;
    return (await host.sh(script, {user: 'postgres', input: text})).trimEnd();
  };
  return {password, sql};
}

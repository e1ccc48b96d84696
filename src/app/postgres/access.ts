/** How PostgreSQL's own programs are run on a host: as a user of the host, with what they need in the environment. */
import type {CommandOptions} from '../../host/command.ts';
import {sh} from '../../host/command.ts';
import type {Postgres} from '../application.ts';

/** What libpq reads (its documentation, Environment Variables). The password shows in no process list and no log. */
export function postgresEnv({
  database,
  user,
  password,
  host,
  port,
}: Pick<Postgres, 'database' | 'user' | 'password' | 'host' | 'port'>): NonNullable<CommandOptions['env']> {
  return {
    PGDATABASE: database,
    PGUSER: user,
    PGPORT: String(port),
    PGAPPNAME: 'ftask',
    PGCONNECT_TIMEOUT: '15',
    ...(host !== undefined && {PGHOST: host}),
    ...(password && {PGPASSWORD: password}),
  };
}

/** Words for a root's shell, before a program: it runs as another user, who keeps the environment. */
export function asUser(user: string): string {
  return user === 'root' ? '' : `${sh`runuser -u ${user} --`.text} `;
}

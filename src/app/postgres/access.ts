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

/**
 * Words for a root's shell, before a program: it runs as another user, at home in that one's folder, and keeps the rest
 * of the environment. setpriv asks no PAM, which is not set up for this on every host.
 */
export function asUser(user: string): string {
  if (user === 'root') return '';
  const home = sh`env HOME="$(getent passwd ${user} | cut -d : -f 6)"`.text;
  return `${home} ${sh`setpriv --reuid ${user} --regid "$(id -g ${user})" --init-groups --`.text} `;
}

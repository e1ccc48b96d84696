/** How the databases of an application stand on a host, before they are touched. */
import {FtaskError} from '../../../errors.ts';
import type {Host} from '../../../host/host.ts';
import type {Postgres} from '../../application.ts';
import {looking} from '../../backup/site.ts';
import {asUser, postgresEnv} from '../../postgres/access.ts';
import {TRAITS, type Traits, traitsOf} from '../../postgres/traits.ts';

export interface Standing {
  /** Of the database as it is now; undefined when there is none. */
  readonly traits?: Traits;
  /** That it takes; 0 when there is none. */
  readonly bytes: number;
  readonly roles: ReadonlySet<string>;
  /** Whether the role that we are may make databases. */
  readonly mayCreate: boolean;
  /** Where the server has them on this host; undefined when it does not say, or is elsewhere. */
  readonly dataFolder?: string;
}

/** Where one connects to when the database itself may not be there. */
export const MAINTENANCE = 'postgres';

/** Asks the server, which must be up. @throws CommandFailed with what psql says */
export async function standingOf(host: Host, component: Postgres, signal: AbortSignal): Promise<Standing> {
  const {database, becomeUser} = component;
  const script = `cd / && ${asUser(becomeUser)}psql -XAtqw -v ON_ERROR_STOP=1 -v "database=$FTASK_DATABASE" -f -`;
  const {stdout} = await host.run(
    looking(script, {
      signal,
      env: {...postgresEnv({...component, database: MAINTENANCE}), FTASK_DATABASE: database},
      stdin: ASK,
      shownAs: `look at the server of the database ${database}`,
    }),
  );
  const said: unknown = JSON.parse(stdout);
  if (!isSaid(said)) throw new FtaskError('BadAnswer', `${host.name}: PostgreSQL gave no answer: ${stdout}`);
  const traits = traitsOf(said.traits);
  const isHere = component.host === undefined || /^(\/|localhost$|127\.|::1$)/.test(component.host);
  return {
    ...(traits && {traits}),
    bytes: said.bytes,
    roles: new Set(said.roles),
    mayCreate: said.mayCreate,
    ...(isHere && said.data !== null && {dataFolder: said.data}),
  };
}

const ASK = `SELECT jsonb_build_object(
  'traits', CASE WHEN d.oid IS NOT NULL THEN ${TRAITS} END,
  'bytes', CASE WHEN d.oid IS NOT NULL THEN pg_database_size(d.oid) ELSE 0 END,
  'roles', (SELECT jsonb_agg(rolname) FROM pg_roles),
  'mayCreate', (SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user),
  'data', (SELECT setting FROM pg_settings WHERE name = 'data_directory'))
FROM (SELECT) AS always LEFT JOIN pg_database AS d ON d.datname = :'database';
`;

interface Said {
  readonly traits: unknown;
  readonly bytes: number;
  readonly roles: readonly string[];
  readonly mayCreate: boolean;
  readonly data: string | null;
}

function isSaid(value: unknown): value is Said {
  return typeof value === 'object' && value !== null && 'bytes' in value && 'roles' in value;
}

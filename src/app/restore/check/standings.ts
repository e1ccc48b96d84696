/** How the databases of an application stand on a host, before they are touched. */
import {FtaskError, RefusedError} from '../../../errors.ts';
import type {Postgres} from '../../application.ts';
import {looking} from '../../backup/site.ts';
import {asUser, postgresEnv} from '../../postgres/access.ts';
import {rolesOf, TRAITS, type Traits, traitsOf} from '../../postgres/traits.ts';
import type {DatabaseStep} from '../plan/steps.ts';
import type {Looking} from './source.ts';

export interface Standing {
  /** Of the database as it is now; undefined when there is none. */
  readonly traits?: Traits;
  /** That it takes; 0 when there is none. */
  readonly bytes: number;
  /** Of transactions that were prepared and have not ended: as long as there are any, it keeps its name. */
  readonly prepared: number;
  /** Logical replication slots, which PostgreSQL drops with it. */
  readonly slots: readonly string[];
  readonly roles: ReadonlySet<string>;
  /** Whether the role that we are may make databases. */
  readonly mayCreate: boolean;
  /** Where the server has them on this host; undefined when it does not say, or is elsewhere. */
  readonly dataFolder?: string;
}

/** By the name of the component. */
export type Standings = ReadonlyMap<string, Standing>;

/** Where one connects to when the databases themselves may not be there, or get other names. */
export function maintenanceFor(steps: readonly DatabaseStep[]): string {
  return steps.some(({component}) => component.database === 'postgres') ? 'template1' : 'postgres';
}

/** Asks the servers. @throws RefusedError `NoServer`, with what psql says, when one cannot be asked */
export async function standingsOf(from: Looking, steps: readonly DatabaseStep[]): Promise<Standings> {
  const maintenance = maintenanceFor(steps);
  const standings = await Promise.all(
    steps.map(
      async ({component}) => [component.name, await standingOf(from, component, maintenance)] as const,
    ),
  );
  return new Map(standings);
}

/** The traits that a database gets: those of the living one, else those of the snapshot. */
export function traitsFor(snapshot: Traits | undefined, standing: Standing | undefined): Traits | undefined {
  return standing?.traits ?? snapshot;
}

/** Roles that are missing, and what the role that we are may not do. */
export function roleProblems(steps: readonly DatabaseStep[], standings: Standings): string[] {
  return steps.flatMap(({component, traits}) => {
    const standing = standings.get(component.name);
    const like = traitsFor(traits, standing);
    const needed = like ? rolesOf(like) : [component.owner];
    const missing = needed.filter((role) => standing?.roles.has(role) !== true);
    return [
      ...missing.map((role) => `there is no role ${role} in PostgreSQL, which ${component.database} needs`),
      ...(standing?.mayCreate === true ? [] : [`the role ${component.user} may not create databases`]),
    ];
  });
}

/** What would keep a database from getting another name. */
export function useProblems(steps: readonly DatabaseStep[], standings: Standings): string[] {
  return steps.flatMap(({component: {name, database}}) => {
    const {prepared = 0} = standings.get(name) ?? {};
    if (prepared === 0) return [];
    return [`the database ${database} has prepared transactions that are not ended: ${prepared}`];
  });
}

/** What goes with a database that is replaced, and does not come back. */
export function slotLosses(steps: readonly DatabaseStep[], standings: Standings): string[] {
  return steps.flatMap(({component: {name, database}}) => {
    const {slots = []} = standings.get(name) ?? {};
    return slots.length > 0
      ? [`the database ${database} loses its logical replication slots: ${slots.join(', ')}`]
      : [];
  });
}

async function standingOf(
  {host, signal}: Looking,
  component: Postgres,
  maintenance: string,
): Promise<Standing> {
  const {database, becomeUser} = component;
  const script = `cd / && ${asUser(becomeUser)}psql -XAtqw -v ON_ERROR_STOP=1 -v "database=$FTASK_DATABASE" -f -`;
  const {code, stdout, stderr} = await host.run(
    looking(script, {
      signal,
      env: {...postgresEnv({...component, database: maintenance}), FTASK_DATABASE: database},
      stdin: ASK,
      accept: 'any',
      shownAs: `look at the server of the database ${database}`,
    }),
  );
  if (code !== 0) {
    const [why = ''] = stderr.trim().split('\n');
    throw new RefusedError(
      'NoServer',
      `${host.name}: PostgreSQL cannot be asked for the database ${database}: ${why.replace(/^psql: error: /, '') || `psql ended with exit code ${code}`}`,
      {hint: 'nothing was changed'},
    );
  }
  const said: unknown = JSON.parse(stdout);
  if (!isSaid(said)) throw new FtaskError('BadAnswer', `${host.name}: PostgreSQL gave no answer: ${stdout}`);
  const traits = traitsOf(said.traits);
  const isHere = component.host === undefined || /^(\/|localhost$|127\.|::1$)/.test(component.host);
  return {
    ...(traits && {traits}),
    bytes: said.bytes,
    prepared: said.prepared,
    slots: said.slots,
    roles: new Set(said.roles),
    mayCreate: said.mayCreate,
    ...(isHere && said.data !== null && {dataFolder: said.data}),
  };
}

const ASK = `SELECT jsonb_build_object(
  'traits', CASE WHEN d.oid IS NOT NULL THEN ${TRAITS} END,
  'bytes', CASE WHEN d.oid IS NOT NULL THEN pg_database_size(d.oid) ELSE 0 END,
  'prepared', (SELECT count(*) FROM pg_prepared_xacts AS p WHERE p.database = d.datname),
  'slots', (SELECT coalesce(jsonb_agg(slot_name), '[]') FROM pg_replication_slots AS s WHERE s.database = d.datname),
  'roles', (SELECT jsonb_agg(rolname) FROM pg_roles),
  'mayCreate', (SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user),
  'data', (SELECT setting FROM pg_settings WHERE name = 'data_directory'))
FROM (SELECT) AS always LEFT JOIN pg_database AS d ON d.datname = :'database';
`;

interface Said {
  readonly traits: unknown;
  readonly bytes: number;
  readonly prepared: number;
  readonly slots: readonly string[];
  readonly roles: readonly string[];
  readonly mayCreate: boolean;
  readonly data: string | null;
}

function isSaid(value: unknown): value is Said {
  return typeof value === 'object' && value !== null && 'bytes' in value && 'roles' in value;
}

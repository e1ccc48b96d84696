/** A Django-shaped application on a host of its own: web, worker and beat in docker compose, and a folder of sites. */
import {randomBytes} from 'node:crypto';
import {type HostOptions, startHost} from '../host/host.ts';
import {installPostgres} from '../host/postgres.ts';
import {installCompose} from './compose.ts';
import {becomeWell} from './health.ts';
import type {Living} from './living.ts';
import {SIZED_TREE} from './trees.ts';
import {WEB_APPLICATION} from './web-application.ts';

export {noDatabaseHost as noDjango} from '../host/postgres.ts';

export interface Django extends Living {
  /** The folder of compose.yml; its services are backend, worker and beat. */
  readonly project: string;
  readonly sites: string;
  readonly logs: string;
  /** What its version of the code brings the database to: a column `theme` of `sites_site`. */
  readonly migrate: string;
}

const PROJECT = '/srv/shop';
const DATA = '/data/app';
const HEALTH = '/api/v1/system/status/';

/** Makes it, until the end of the test file. The database `shop` is of before the migration. */
export async function startDjango(options: HostOptions = {}): Promise<Django> {
  const host = await startHost(options);
  const postgres = await installPostgres(host);
  const password = randomBytes(12).toString('hex');
  await postgres.sql(`CREATE ROLE app LOGIN PASSWORD '${password}'`);
  await postgres.sql('CREATE DATABASE shop OWNER app');
  await host.sh('psql -Xq -v ON_ERROR_STOP=1 shop', {user: 'app', input: TABLES});
  await host.sh(`python3 - ${DATA}/sites-data 5 40 2`, {input: SIZED_TREE});
  await host.write(`${DATA}/logs/publish.log`, 'published\n');
  await host.sh(`chown -R app: ${DATA}`);
  const url = `postgres://app:${password}@127.0.0.1:5432/shop`;
  await host.write(`${PROJECT}/.env`, `DATABASE_URL=${url}\n`, 'app', '0600');
  await host.write(`${PROJECT}/application.py`, WEB_APPLICATION);
  await host.write(`${PROJECT}/worker.py`, WORKER);
  await host.write(`${PROJECT}/manage.py`, MANAGE);
  await host.write(`${PROJECT}/VERSION`, '2.7\n');
  // As it is called in an image of Python.
  await host.sh('ln -s /usr/bin/python3 /usr/local/bin/python');
  await installCompose(host, PROJECT, {
    backend: `/usr/bin/python3 application.py 8000 ${HEALTH} sites_site`,
    worker: '/usr/bin/python3 worker.py worker',
    beat: '/usr/bin/python3 worker.py beat',
  });
  const healthUrl = `http://127.0.0.1:8000${HEALTH}`;
  await becomeWell(host, healthUrl);
  return {
    host,
    postgres,
    database: 'shop',
    owner: 'app',
    secrets: [password, postgres.password],
    paths: [`${DATA}/sites-data`],
    units: ['compose-backend', 'compose-worker', 'compose-beat'],
    healthUrl,
    project: PROJECT,
    sites: `${DATA}/sites-data`,
    logs: `${DATA}/logs`,
    migrate: `cd ${PROJECT} && runuser -u app -- python3 manage.py migrate`,
  };
}

const TABLES = `
CREATE TABLE django_migrations (name text PRIMARY KEY, applied timestamptz NOT NULL DEFAULT now());
INSERT INTO django_migrations VALUES ('0001_initial');
CREATE TABLE sites_site (id serial PRIMARY KEY, folder text NOT NULL UNIQUE);
INSERT INTO sites_site (folder) SELECT 'service-' || to_char(n, 'FM000') FROM generate_series(0, 4) n;
CREATE TABLE jobs_job (id serial PRIMARY KEY, kind text NOT NULL, at timestamptz NOT NULL DEFAULT now());
`;

/** Writes a row now and then, over a connection of its own each time. */
const WORKER = `import subprocess, sys, time
while True:
    subprocess.run(['psql', '-Xqc', f"INSERT INTO jobs_job (kind) VALUES ('{sys.argv[1]}')", 'shop'])
    time.sleep(0.3)
`;

/** As often as one likes. */
const MANAGE = `import subprocess, sys
if sys.argv[1:] not in (['migrate'], ['migrate', '--noinput']):
    sys.exit(f'Unknown command: {sys.argv[1:]}')
sql = """BEGIN; ALTER TABLE sites_site ADD COLUMN IF NOT EXISTS theme text NOT NULL DEFAULT 'plain';
INSERT INTO django_migrations VALUES ('0002_theme') ON CONFLICT DO NOTHING; COMMIT"""
sys.exit(subprocess.run(['psql', '-Xqv', 'ON_ERROR_STOP=1', '-c', sql, 'shop']).returncode)
`;

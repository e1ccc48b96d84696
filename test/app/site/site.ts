/** A FastDeploy-shaped site on a host of its own: database, services, runners, secrets, units, and an application that runs. */
import {randomBytes} from 'node:crypto';
import {type HostOptions, startHost, type TestHost} from '../host/host.ts';
import {type HostPostgres, installPostgres} from '../host/postgres.ts';
import {becomeWell} from './health.ts';
import type {Living} from './living.ts';
import {ODD_TREE, SIZED_TREE} from './trees.ts';
import {WEB_APPLICATION} from './web-application.ts';

export {noDatabaseHost as noSite} from '../host/postgres.ts';

export interface SiteOptions extends HostOptions {
  /** Folders of services, and rows of `services_service`; 4 by default. */
  readonly services?: number;
  /** In all services; 24 files and 1 MiB by default. */
  readonly files?: number;
  readonly filesMiB?: number;
  /** Of pgbench's tables in a plain dump, about; 0, the default, is without those tables. */
  readonly databaseMiB?: number;
}

export interface Site extends Living {
  /** Of the role fastdeploy, over TCP; not an easy one to quote. */
  readonly password: string;
}

const SITE = '/home/fastdeploy/site';
const RUNNERS = '/home/deploy/runners';
const WORKSPACE = '/home/deploy/_workspace';
const UNIT_FILE = '/etc/systemd/system/fastdeploy.service';
const TRAEFIK_FILE = '/etc/traefik/dynamic/fastdeploy.yml';
const SUDOERS = ['/etc/sudoers.d/fastdeploy_restart', '/etc/sudoers.d/fastdeploy_runner'];
const HEALTH_URL = 'http://127.0.0.1:9999/docs';

/** Never to be in a backup. */
export const AGE_KEY_FILE = '/home/deploy/.config/sops/age/keys.txt';

/** What the application's own Python says it is. */
export const SITE_VERSION = '1.4.2';

const UNIT = `[Unit]
Description=FastDeploy
After=postgresql.service
[Service]
User=fastdeploy
WorkingDirectory=${SITE}
ExecStart=${SITE}/.venv/bin/python application.py 9999 /docs services_service
[Install]
WantedBy=multi-user.target
`;

const TRAEFIK = `http:
  routers:
    fastdeploy: {rule: 'Host("deploy.example.com")', service: fastdeploy}
`;

const SUDO = `fastdeploy ALL=(deploy) NOPASSWD: ${RUNNERS}/links/target\n`;

const VIRTUAL_ENVIRONMENT = `cd ${SITE}
python3 -m venv --without-pip .venv
packages=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
mkdir "$packages/fastDeploy-${SITE_VERSION}.dist-info"
printf 'Metadata-Version: 2.1\\nName: fastDeploy\\nVersion: ${SITE_VERSION}\\n' \\
  >"$packages/fastDeploy-${SITE_VERSION}.dist-info/METADATA"
`;

/** Makes it, until the end of the test file. */
export async function startSite(options: SiteOptions = {}): Promise<Site> {
  const host = await startHost(options);
  return makeSite(host, await installPostgres(host), options);
}

/** Makes it on a host that has a server and nothing else. */
export async function makeSite(
  host: TestHost,
  postgres: HostPostgres,
  {services = 4, files = 24, filesMiB = 1, databaseMiB = 0}: SiteOptions = {},
): Promise<Site> {
  const password = `p${randomBytes(8).toString('hex')}'"$ x`;
  const djangoKey = randomBytes(20).toString('hex');
  const ageKey = `AGE-SECRET-KEY-1${randomBytes(29).toString('hex').toUpperCase()}`;
  await fillDatabase(host, postgres, {password, services, databaseMiB});
  await host.sh(`python3 - ${SITE}/services ${services} ${files} ${filesMiB}`, {input: SIZED_TREE});
  await host.sh(`python3 - ${WORKSPACE}/checkout 2 6 1`, {input: SIZED_TREE});
  await host.sh(`chown -R fastdeploy: ${SITE}; chmod -R o= ${SITE}; chown -R deploy: ${WORKSPACE}`);
  await host.sh(`python3 - ${RUNNERS}; chown deploy: ${RUNNERS}`, {input: ODD_TREE});
  const url = `postgres://fastdeploy:${password}@127.0.0.1:5432/fastdeploy`;
  await host.write(`${SITE}/.env`, `SECRET_KEY=${djangoKey}\nDATABASE_URL=${url}\n`, 'fastdeploy', '0640');
  await host.write(AGE_KEY_FILE, `# public key: age1example\n${ageKey}\n`, 'deploy', '0600');
  await host.write(UNIT_FILE, UNIT);
  await host.write(TRAEFIK_FILE, TRAEFIK);
  for (const file of SUDOERS) await host.write(file, SUDO, 'root', '0440');
  await host.write(`${SITE}/application.py`, WEB_APPLICATION, 'fastdeploy');
  await host.sh(VIRTUAL_ENVIRONMENT, {user: 'fastdeploy'});
  await host.sh('systemctl daemon-reload; systemctl --quiet enable --now fastdeploy');
  await becomeWell(host, HEALTH_URL);
  return {
    host,
    postgres,
    database: 'fastdeploy',
    owner: 'fastdeploy',
    password,
    secrets: [password, djangoKey, ageKey, postgres.password],
    paths: [`${SITE}/services`, `${SITE}/.env`, RUNNERS, WORKSPACE, UNIT_FILE, TRAEFIK_FILE, ...SUDOERS],
    units: ['fastdeploy.service'],
    healthUrl: HEALTH_URL,
  };
}

interface Content {
  readonly password: string;
  readonly services: number;
  readonly databaseMiB: number;
}

async function fillDatabase(host: TestHost, postgres: HostPostgres, content: Content): Promise<void> {
  await postgres.sql(`CREATE ROLE fastdeploy LOGIN PASSWORD '${content.password.replaceAll("'", "''")}'`);
  await postgres.sql('CREATE DATABASE fastdeploy OWNER fastdeploy');
  const asOwner = {user: 'fastdeploy', input: TABLES};
  await host.sh(`psql -Xq -v ON_ERROR_STOP=1 -v services=${content.services} fastdeploy`, asOwner);
  const scale = Math.ceil(content.databaseMiB / PGBENCH_MIB);
  if (scale > 0) await host.sh(`pgbench -iq -s ${scale} fastdeploy 2>&1`, {user: 'fastdeploy'});
}

/** What a scale of 1 is in a plain dump. */
const PGBENCH_MIB = 9.4;

/** Values that a dump has to quote, and all kinds of things that hang together. */
const TABLES = String.raw`
CREATE TABLE services_service (id serial PRIMARY KEY, name text UNIQUE NOT NULL, data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE deployments_deployment (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  service_id int NOT NULL REFERENCES services_service ON DELETE CASCADE,
  output bytea, note text, started timestamptz NOT NULL, CHECK (note <> 'never')
);
CREATE INDEX ON deployments_deployment (started);
INSERT INTO services_service (name, data) SELECT 'service ' || n, json_build_object('n', n) FROM generate_series(1, :services) n;
INSERT INTO deployments_deployment (service_id, output, note, started)
  SELECT 1 + n % :services, decode(md5(n::text), 'hex'), E'tab\t, new\nline, back\\slash, \\., grüße ' || n,
    timestamptz '2026-01-01 00:00:00Z' + n * interval '1 hour' FROM generate_series(1, 200) n;
INSERT INTO deployments_deployment (service_id, output, note, started) VALUES (1, NULL, NULL, 'infinity'), (1, '', '', '-infinity');
CREATE VIEW latest AS SELECT service_id, max(started) AS started FROM deployments_deployment GROUP BY service_id;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.data = NEW.data || '{"touched": true}'; RETURN NEW; END $$;
CREATE TRIGGER touching BEFORE UPDATE ON services_service FOR EACH ROW EXECUTE FUNCTION touch();
COMMENT ON TABLE services_service IS 'it''s all of them';
`;

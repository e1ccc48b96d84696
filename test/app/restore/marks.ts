/** Tells a site as it is now from what it was when it was backed up. */
import {setTimeout as delay} from 'node:timers/promises';
import {healthOf} from '../site/health.ts';
import type {Site} from '../site/site.ts';

const ENV = '/home/fastdeploy/site/.env';
const UNIT = '/etc/systemd/system/fastdeploy.service';
const RUNNERS = '/home/deploy/runners';

/** Changes something of everything that a backup holds. May be called twice. */
export async function markSite({host, postgres}: Site): Promise<void> {
  await postgres.sql(
    `INSERT INTO services_service (name) VALUES ('marked') ON CONFLICT DO NOTHING;
    CREATE TABLE IF NOT EXISTS marked ()`,
    'fastdeploy',
  );
  await host.sh(
    `grep -q MARKED ${ENV} || echo MARKED=1 >>${ENV}; grep -q '# marked' ${UNIT} || echo '# marked' >>${UNIT}
    mkdir -p ${RUNNERS}/marked; echo marked >${RUNNERS}/marked/file; chmod 2751 ${RUNNERS}/marked; chown nobody ${RUNNERS}/marked/file
    rm -rf ${RUNNERS}/links; rm -rf /home/fastdeploy/site/services/service-001; chmod 0600 ${RUNNERS}/binary
    systemctl daemon-reload`,
  );
}

/** `marked`, `as backed up`, or what of it is which. */
export async function marksOf({host, postgres}: Site): Promise<string> {
  const rows = await postgres.sql(
    "SELECT count(*) FROM services_service WHERE name = 'marked'",
    'fastdeploy',
  );
  const files = await host.sh(
    `mark() { if eval "$2"; then echo "$1 marked"; else echo "$1 as backed up"; fi; }
    mark env 'grep -q MARKED ${ENV}'; mark unit "grep -q '# marked' ${UNIT}"
    mark more '[ "$(stat -c "%a %U" ${RUNNERS}/marked ${RUNNERS}/marked/file 2>/dev/null)" ]'
    mark links '[ ! -e ${RUNNERS}/links/target ]'; mark services '[ ! -e /home/fastdeploy/site/services/service-001 ]'
    mark modes '[ "$(stat -c %a ${RUNNERS}/binary)" = 600 ]'`,
  );
  const all = [`rows ${rows === '1' ? 'marked' : 'as backed up'}`, ...files.trim().split('\n')];
  const kinds = new Set(all.map((one) => one.replace(/^\w+ /, '')));
  return kinds.size === 1 ? ([...kinds][0] ?? '') : all.join(', ');
}

/** What is not as it has to be when a restore is over, whichever way. */
export async function troubles(site: Site, root: string): Promise<string[]> {
  const {host, postgres} = site;
  const left = await postgres.sql(
    "SELECT datname FROM pg_database WHERE datname LIKE 'ftask%' OR NOT datallowconn AND datname <> 'template0'",
  );
  const own = (await host.sh(`ls -A ${root} | grep '^\\.' | grep -v '^\\.lock$' || true`)).trim();
  const active = (await host.sh('systemctl is-active fastdeploy || true')).trim();
  const health = await settledHealth(site);
  return [
    ...(left === '' ? [] : [`databases: ${left}`]),
    ...(own === '' ? [] : [`in the root: ${own}`]),
    ...(active === 'active' ? [] : [`the unit is ${active}`]),
    ...(health === 200 ? [] : [`the application answers with ${health}`]),
  ];
}

async function settledHealth({host, healthUrl}: Site): Promise<number> {
  for (let tries = 0; ; tries += 1) {
    const health = await healthOf(host, healthUrl);
    if (health === 200 || tries === 20) return health;
    await delay(200);
  }
}

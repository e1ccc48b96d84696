/** `ftask app_restore` and `app_verify`: a Django application by configuration alone, with docker compose and a migration. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import {type Django, noDjango, startDjango} from '../../app/site/django.ts';
import {becomeWell} from '../../app/site/health.ts';
import {type Recording, record} from '../../app/site/record.ts';
import {wipe} from '../../app/site/wipe.ts';
import type {HostsHome} from '../hosts/home.ts';
import {appHome} from './home.ts';

const ROOT = '/opt/backups/shop';

const CONFIG = `
apps:
  shop: &shop
    components:
      database: {postgres: shop, count_tables: [sites_site, django_migrations]}
      sites: {tree: /data/app/sites-data}
      settings: {files: [/srv/shop/.env]}
    services:
      - {compose: /srv/shop, service: backend}
      - {compose: /srv/shop, service: worker}
      - {compose: /srv/shop, service: beat}
    after_restore:
      - |
        cd /srv/shop
        runuser -u app -- python3 manage.py migrate
        true
    health: {url: http://127.0.0.1:8000/api/v1/system/status/, retries: 10, delay: 200ms}
    check: |
      test "$(runuser -u postgres -- psql -XAtc 'SELECT count(*) FROM sites_site')" = "$(ls sites | wc -l)"
      echo changed >>settings/.env
      runuser -u postgres -- psql -Xqc 'DELETE FROM sites_site' "$FTASK_DATABASE_DATABASE"
    fetch_local: false
`;

describe('ftask app_restore', {skip: noDjango}, () => {
  let site: Django;
  let home: HostsHome;
  let recording: Recording;
  before(async () => {
    site = await startDjango();
    const other = CONFIG.replace('manage.py migrate', 'manage.py migrat');
    const wrong = CONFIG.replace('SELECT count(*)', 'SELECT 7 + count(*)');
    const slow = CONFIG.replace('test "$(', 'touch /run/verifying; sleep 600; test "$(');
    const files = {'ftask.yaml': CONFIG, 'other.yaml': other, 'wrong.yaml': wrong, 'slow.yaml': slow};
    home = await appHome([site.host], files);
    await site.host.sh(`docker compose --project-directory ${site.project} stop worker beat`);
    await succeeds('app_backup', '--app', 'shop');
    recording = await record(site);
    await site.host.sh(`docker compose --project-directory ${site.project} start worker beat`);
  });

  const run = (...words: string[]) => home.run('-H', 'web1', '--json', '--yes', ...words);
  const succeeds = async (...words: string[]) => {
    const {code, stdout, stderr} = await run(...words);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout).tasks[0].result[0];
  };
  const running = async () =>
    (await site.host.sh(`docker compose --project-directory ${site.project} ps --services --status running`))
      .trim()
      .split('\n');
  const sql = (text: string) => site.postgres.sql(text, 'shop');
  const left = async () => [
    await site.postgres.sql("SELECT datname FROM pg_database WHERE datname LIKE 'ftask%'"),
    await site.host.sh(`ls -A ${ROOT} | grep '^\\.[^l]' || true`),
  ];
  const records = () => {
    const lines = readFileSync(join(home.folder, '.local/state/ftask/journal.jsonl'), 'utf8')
      .trim()
      .split('\n');
    return lines.map((line) => JSON.parse(line));
  };

  test('verifies a backup beside the living application, and removes all of it', async () => {
    const jobs = Number(await sql('SELECT count(*) FROM jobs_job'));
    const row = await succeeds('app_verify', '--app', 'shop');
    assert.equal(row.result, 'verified');
    assert.ok(row.databaseBytes > 1_000_000 && row.bytes > 1_000_000);
    assert.ok(row.checkSeconds > 0 && row.loadSeconds > 0 && row.seconds > row.checkSeconds);
    assert.deepEqual(await left(), ['', '']);
    assert.equal(await sql('SELECT count(*) FROM sites_site'), '5');
    assert.ok(Number(await sql('SELECT count(*) FROM jobs_job')) >= jobs);
    assert.deepEqual(await running(), ['backend', 'worker', 'beat']);
    const {kind, application, seconds} = records().at(-1);
    assert.deepEqual([kind, application, seconds], ['app-verify', 'shop', row.seconds]);
    // The check wrote to its copy.
    await site.host.sh(`cd ${ROOT}/shop-*Z; sha256sum -c --quiet manifest.sha256`);
  });

  test('tells that the check of a restored backup failed, and removes all of it', async () => {
    const {code, stderr} = await run('--config', 'wrong.yaml', 'app_verify', '--app', 'shop');
    assert.equal(code, 1);
    assert.match(
      stderr,
      /shop-\w+Z was restored, but is not right: the check of the application: exit code 1/,
    );
    assert.deepEqual(await left(), ['', '']);
    assert.equal(records().at(-1).error.code, 'VerifyFailed');
  });

  test('removes what a verification left that was killed', async () => {
    await site.host.sh('rm -f /run/verifying');
    const started = home.start('-H', 'web1', '--config', 'slow.yaml', 'app_verify', '--app', 'shop');
    await Promise.race([site.host.sh('while ! test -e /run/verifying; do sleep 0.1; done'), started.ended]);
    started.process.kill('SIGKILL');
    await started.ended;
    await site.host.sh(`while ! flock -n ${ROOT}/.lock true; do sleep 0.1; done`);
    assert.notDeepEqual(await left(), ['', '']);
    const {code, stderr} = await run('app_verify', '--app', 'shop');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /removed databases that a dead run left: ftask_verify_[0-9a-f]{12}/);
    assert.deepEqual(await left(), ['', '']);
  });

  test('undoes all when a command after it fails, and the services run again', async () => {
    await sql("INSERT INTO sites_site (folder) VALUES ('later')");
    await site.host.sh(`echo later >${site.sites}/later`);
    const {code, stderr} = await run('--config', 'other.yaml', 'app_restore', '--app', 'shop');
    assert.equal(code, 1);
    assert.match(stderr, /failed in the commands after it: Unknown command: \['migrat'\]/);
    assert.match(stderr, /all is as it was before, and its services run/);
    assert.equal(await sql('SELECT count(*) FROM sites_site'), '6');
    assert.equal(await site.host.sh(`cat ${site.sites}/later`), 'later\n');
    assert.deepEqual(await running(), ['backend', 'worker', 'beat']);
    assert.deepEqual(await left(), ['', '']);
  });

  test('restores database and sites, migrates, and starts the services', async () => {
    const row = await succeeds('app_restore', '--app', 'shop');
    assert.equal(row.result, 'restored');
    assert.equal(await sql('SELECT DISTINCT theme FROM sites_site'), 'plain');
    assert.equal(await sql('SELECT count(*) FROM sites_site'), '5');
    assert.deepEqual(await recording.differences({database: false}), []);
    assert.deepEqual(await running(), ['backend', 'worker', 'beat']);
    await becomeWell(site.host, site.healthUrl);
  });

  test('brings back one that was wiped, database and all', async () => {
    await wipe(site);
    await succeeds('app_restore', '--app', 'shop', '--no-safety-backup');
    assert.deepEqual(await recording.differences({database: false}), []);
    assert.equal(await sql('SELECT count(*) FROM sites_site'), '5');
    const owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'shop'";
    assert.equal(await site.postgres.sql(owner), 'app');
    assert.deepEqual(await running(), ['backend', 'worker', 'beat']);
    assert.deepEqual(await left(), ['', '']);
  });
});

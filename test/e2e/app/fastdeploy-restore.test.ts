/** `ftask fastdeploy_restore` over SSH: a site that was lost comes back as it was, whatever was odd about it. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import {becomeWell} from '../../app/site/health.ts';
import {type Recording, record} from '../../app/site/record.ts';
import {noSite, type Site, startSite} from '../../app/site/site.ts';
import {wipe} from '../../app/site/wipe.ts';
import {type Watch, watch} from '../../app/watch.ts';
import type {HostsHome} from '../hosts/home.ts';
import {appHome} from './home.ts';

const ROOT = '/opt/backups/fastdeploy';
const RUNNERS = '/home/deploy/runners';

interface Row {
  readonly snapshot: string;
  readonly archive: string;
  readonly file: string;
  readonly result: string;
  readonly safety: string | null;
  readonly timestamp: string;
}

describe('ftask fastdeploy_restore', {skip: noSite}, () => {
  let site: Site;
  let home: HostsHome;
  let recording: Recording;
  let backup: Row;
  let traits: string;
  before(async () => {
    site = await startSite({databaseMiB: 10});
    home = await appHome([site.host]);
    await site.postgres.sql(SETTINGS);
    traits = await site.postgres.sql(LOOK);
    const {code, stdout, stderr} = await run('fastdeploy_backup', '--include-workspace');
    assert.equal(code, 0, stderr);
    backup = rowOf(stdout);
    await site.host.sh('systemctl stop fastdeploy');
    recording = await record(site);
    await site.host.sh('systemctl start fastdeploy');
  });

  const run = (...words: string[]) => home.run('-H', 'web1', '--json', '--yes', ...words);
  const restore = (...words: string[]) => run('fastdeploy_restore', ...words);
  const rowOf = (stdout: string): Row => JSON.parse(stdout).tasks[0].result[0];
  const inside = async (script: string) => (await site.host.sh(script)).trimEnd();
  const names = async () => (await inside(`ls -A ${ROOT}`)).split('\n');

  test('tells what it would do in a dry run, and changes nothing', async () => {
    const before = await names();
    const {code, stdout, stderr} = await home.run('-H', 'web1', '--json', 'fastdeploy_restore', '--dry-run');
    assert.equal(code, 0, stderr);
    assert.equal(rowOf(stdout).result, 'would be restored');
    assert.equal(rowOf(stdout).snapshot, backup.snapshot);
    assert.match(
      stderr,
      /would replace the database fastdeploy \(\d+(\.\d)? MiB\) by a dump of \d+(\.\d)? [KM]iB/,
    );
    assert.match(stderr, /would write \/home\/fastdeploy\/site\/\.env/);
    assert.deepEqual(await names(), before);
    assert.deepEqual(await recording.differences(), []);
  });

  test('can look at an archive in a dry run, too', async () => {
    const name = backup.archive.slice(ROOT.length + 1);
    const {code, stdout, stderr} = await home.run(
      ...['-H', 'web1', '--json', 'fastdeploy_restore', '--dry-run', '--from', name],
    );
    assert.equal(code, 0, stderr);
    assert.equal(rowOf(stdout).snapshot, backup.archive);
  });

  for (const what of ['latest', 'archive', 'file'] as const) {
    test(`only proves it when asked to, and leaves nothing: ${what}`, async () => {
      const before = await names();
      const from = {latest: 'latest', archive: backup.archive, file: backup.file}[what];
      const {code, stdout, stderr} = await restore('--validate-only', '--from', from);
      assert.equal(code, 0, stderr);
      assert.equal(rowOf(stdout).result, 'valid');
      assert.deepEqual(await names(), before);
      assert.deepEqual(await recording.differences(), []);
    });
  }

  test('asks first, and does nothing without a terminal', async () => {
    const {code, stderr} = await home.run('-H', 'web1', 'fastdeploy_restore');
    assert.equal(code, 4);
    assert.match(stderr, /asks first, and there is no terminal: what the application has now is replaced/);
  });

  describe('of a site that was wiped', () => {
    let row: Row;
    let made: Awaited<ReturnType<Watch['end']>>;
    before(async () => {
      await wipe(site);
      const watching = await watch(['/opt/backups', '/tmp', '/var/tmp'], site.host);
      const {code, stdout, stderr} = await restore('--from', backup.file);
      made = await watching.end();
      assert.equal(code, 0, stderr);
      row = rowOf(stdout);
    });

    test('brings back data, files, owners and modes', async () => {
      await becomeWell(site.host, site.healthUrl);
      assert.equal(row.result, 'restored');
      assert.deepEqual(await recording.differences(), []);
    });

    test('brings back what the database itself is like', async () => {
      assert.equal(await site.postgres.sql(LOOK), traits);
    });

    test('starts and enables the unit', async () => {
      assert.equal(
        await inside('systemctl is-active fastdeploy; systemctl is-enabled fastdeploy'),
        'active\nenabled',
      );
    });

    test('keeps nothing but the backup that it made before, which is for root only', async () => {
      assert.ok(row.safety?.startsWith(`${ROOT}/pre-restore-`));
      const left = (await names()).filter((name) => name.startsWith('.') || name.startsWith('pre-'));
      assert.deepEqual(left, ['.lock', row.safety?.slice(ROOT.length + 1)]);
      assert.equal(
        await site.postgres.sql("SELECT count(*) FROM pg_database WHERE datname LIKE 'ftask%'"),
        '0',
      );
    });

    test('makes nothing that others could read at any moment', () => {
      assert.ok(made.seen > 50);
      assert.deepEqual(made.exposures, []);
    });

    test('is in the journal', () => {
      const lines = readFileSync(join(home.folder, '.local/state/ftask/journal.jsonl'), 'utf8');
      const records = lines
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      const last = records.filter(({kind}) => kind === 'app-restore').at(-1);
      assert.equal(last.result, 'restored');
      assert.equal(last.application, 'fastdeploy');
    });
  });

  test('makes a site what it was, save what is excluded', async () => {
    const kept = `${RUNNERS}/.config/sops/age/keys.txt`;
    await site.host.sh(
      `rm ${RUNNERS}/links/up; mkdir ${RUNNERS}/more; echo more >${RUNNERS}/more/file; chmod 777 ${RUNNERS}/binary
      printf X | dd of=${RUNNERS}/sparse bs=1 seek=5 conv=notrunc 2>/dev/null; touch -r ${RUNNERS}/binary ${RUNNERS}/sparse
      chown -R fastdeploy ${RUNNERS}/names; echo OTHER=1 >/home/fastdeploy/site/.env; rm -r /home/fastdeploy/site/services
      install -D -o deploy -m 600 /dev/null ${kept}`,
    );
    await site.postgres.sql(
      'DELETE FROM deployments_deployment; DROP VIEW latest; CREATE TABLE more ()',
      'fastdeploy',
    );
    const {code, stdout, stderr} = await restore();
    assert.equal(code, 0, stderr);
    assert.equal(rowOf(stdout).snapshot, backup.snapshot);
    await site.host.sh(`test -f ${kept}; rm -r ${RUNNERS}/.config`);
    // Removing what was kept is what changed the time of its folder.
    const differences = (await recording.differences()).filter((line) => !/runners( d .*|\/)?"?$/.test(line));
    assert.deepEqual(differences, []);
    assert.equal(await site.postgres.sql(LOOK), traits);
  });

  test('finds the newest by its metadata, whatever names and times of files say', async () => {
    const {stdout} = await run('fastdeploy_backup', '--prefix', 'aaa', '--no-create-archive');
    const newest = rowOf(stdout).snapshot;
    await site.host.sh(`cd ${ROOT}; cp -a ${backup.snapshot} zzz-29990101T000000Z; touch ${backup.snapshot}`);
    const found = async () => rowOf((await restore('--dry-run')).stdout).snapshot;
    assert.equal(await found(), newest);
    // One that is not whole is passed over.
    await site.host.sh(`echo more >>${newest}/config/fastdeploy.env`);
    const {stdout: second, stderr} = await restore('--dry-run');
    assert.ok([backup.snapshot, `${ROOT}/zzz-29990101T000000Z`].includes(rowOf(second).snapshot));
    assert.match(stderr, new RegExp(`passed over: ${newest} is not what it was`));
    await site.host.sh(`rm -r ${newest} ${ROOT}/zzz-29990101T000000Z`);
  });

  test('tells where it looked for one that is not there', async () => {
    const {code, stderr} = await home.run('-H', 'web1', '--yes', 'fastdeploy_restore', '--from', 'manual-1');
    assert.equal(code, 1);
    assert.match(stderr, /web1: there is no snapshot manual-1\n/);
    assert.match(
      stderr,
      /looked for manual-1 here, web1:\/opt\/backups\/fastdeploy\/manual-1, .*manual-1\.tar\.gz,/,
    );
    const file = await home.run('-H', 'web1', '--yes', 'fastdeploy_restore', '--from', 'manual-1.tar.gz');
    assert.match(file.stderr, /looked for manual-1\.tar\.gz here, web1:\S+\/manual-1\.tar\.gz; an archive/);
  });
});

const SETTINGS = `REVOKE ALL ON DATABASE fastdeploy FROM PUBLIC;
CREATE ROLE reader; GRANT CONNECT ON DATABASE fastdeploy TO reader WITH GRANT OPTION;
ALTER DATABASE fastdeploy SET search_path = public, "$user", '';
ALTER DATABASE fastdeploy SET work_mem = '7MB';
ALTER ROLE fastdeploy IN DATABASE fastdeploy SET statement_timeout = '9min';
ALTER DATABASE fastdeploy CONNECTION LIMIT 77;
COMMENT ON DATABASE fastdeploy IS 'it''s "the" \\one'`;

const LOOK = `SELECT pg_get_userbyid(datdba), datacl, datconnlimit, datallowconn, shobj_description(oid, 'pg_database'),
  (SELECT array_agg(setrole::regrole || ' ' || setconfig::text ORDER BY 1) FROM pg_db_role_setting WHERE setdatabase = d.oid)
  FROM pg_database d WHERE datname = 'fastdeploy'`;

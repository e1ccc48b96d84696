/** `ftask fastdeploy_restore` that must not or cannot be: what it says, and that all is as it was. */
import assert from 'node:assert/strict';
import {basename} from 'node:path';
import {afterEach, before, beforeEach, describe, test} from 'node:test';
import {fillUp, limitRoom} from '../../app/host/accidents.ts';
import {forge} from '../../app/restore/forge.ts';
import {markSite, marksOf, troubles} from '../../app/restore/marks.ts';
import {stallAt} from '../../app/restore/stall.ts';
import {noSite, type Site, startSite} from '../../app/site/site.ts';
import type {HostsHome} from '../hosts/home.ts';
import {appHome} from './home.ts';

const ROOT = '/opt/backups/fastdeploy';
const FORGED = `${ROOT}/forged-20260101T000000Z`;

describe('ftask fastdeploy_restore', {skip: noSite}, () => {
  let site: Site;
  let home: HostsHome;
  let snapshot: string;
  let name: string;
  before(async () => {
    site = await startSite();
    home = await appHome([site.host]);
    const {code, stdout, stderr} = await home.run('-H', 'web1', 'fastdeploy_backup', '--no-create-archive');
    assert.equal(code, 0, stderr);
    snapshot = stdout.trim().replace('web1:', '');
    name = basename(snapshot);
  });
  beforeEach(() => markSite(site));
  afterEach(() => site.host.sh(`rm -rf ${FORGED}`));

  const restore = (...words: string[]) => home.run('-H', 'web1', '--yes', 'fastdeploy_restore', ...words);
  /** A copy of the snapshot of which a file says something else. */
  const forged = async (path: string, from: string, to: string) => {
    await site.host.sh(`cp -a ${snapshot} ${FORGED}`);
    await forge(site.host, {snapshot: FORGED, path, from, to});
    return basename(FORGED);
  };
  const unitStart = () => site.host.sh('systemctl show -P ActiveEnterTimestampMonotonic fastdeploy');
  const isUntouched = async (message: RegExp, ...words: string[]) => {
    const start = await unitStart();
    const {code, stderr} = await restore(...words);
    assert.equal(code, 1, stderr);
    assert.match(stderr, message);
    assert.equal(await unitStart(), start, 'the unit was not stopped');
    assert.equal(await marksOf(site), 'marked');
    assert.deepEqual(await troubles(site, ROOT), []);
  };
  const isUndone = async (message: RegExp, ...words: string[]) => {
    const {code, stderr} = await restore(...words);
    assert.equal(code, 1, stderr);
    assert.match(stderr, message);
    assert.equal(await marksOf(site), 'marked');
    assert.deepEqual(await troubles(site, ROOT), []);
  };

  test('finds out that the metadata lies about rows, and changes nothing', async () => {
    const from = await forged('metadata.yml', 'services_service: 4', 'services_service: 7');
    const message =
      /failed while the dump was loaded: .*services_service 7, not services_service 4.*\n.*nothing was changed/;
    await isUntouched(message, '--from', from);
  });

  test('finds out that the metadata lies about folders, and changes nothing', async () => {
    const from = await forged('metadata.yml', 'services:\n  count: 4', 'services:\n  count: 7');
    await isUntouched(/its metadata counts 7 services, and there are 4/, '--from', from);
  });

  test('finds out that the metadata lies about files, and changes nothing', async () => {
    const from = await forged('metadata.yml', 'files: 24', 'files: 25');
    await isUntouched(/its metadata tells of 25 files with \d+ bytes of services_tree/, '--from', from);
  });

  test('never puts rules of sudo in their place that sudo does not understand', async () => {
    const from = await forged('sudoers/fastdeploy_runner', 'NOPASSWD:', 'NO(PASSWD');
    await isUntouched(/\/etc\/sudoers\.d\/fastdeploy_runner are no rules of sudo/, '--from', from);
  });

  test('never loads a dump that would connect to another database by itself', async () => {
    const from = await forged(
      'database/fastdeploy.sql',
      'SET statement_timeout = 0;',
      '\\connect fastdeploy ------',
    );
    await isUntouched(/the dump of fastdeploy cannot be loaded: \\connect fastdeploy ------/, '--from', from);
  });

  test('leaves all as it was when the dump has a mistake in it', async () => {
    const from = await forged(
      'database/fastdeploy.sql',
      'SET statement_timeout = 0;',
      'SET statement_timeaut = 0;',
    );
    await isUntouched(
      /failed while the dump was loaded: .*unrecognized configuration parameter/,
      '--from',
      from,
    );
  });

  test('never lets root write through a link that the user of the site has made', async () => {
    const {host} = site;
    const folder = '/home/fastdeploy/site';
    await host.sh(`mv ${folder}/.env ${folder}/.env-own; ln -s /srv/other/planted ${folder}/.env`, {
      user: 'fastdeploy',
    });
    await host.sh(`mkdir -p /srv/other; touch /srv/other/file; mv ${folder}/services ${folder}/services-own`);
    await host.sh(`ln -s /srv/other ${folder}/services`, {user: 'fastdeploy'});
    try {
      const {code, stderr} = await restore('--no-safety-backup', '--from', name);
      assert.equal(code, 1, stderr);
      assert.match(stderr, /site\/services is a link of fastdeploy, and what it leads to is not theirs/);
      assert.match(stderr, /site\/\.env is a link of fastdeploy, and what it leads to is not theirs/);
      assert.equal(await host.sh('ls /srv/other'), 'file\n');
    } finally {
      await host.sh(`rm ${folder}/services ${folder}/.env; rm -r /srv/other`);
      await host.sh(`cd ${folder}; mv services-own services; mv .env-own .env`);
    }
  });

  test('writes to no place that the application does not have', async () => {
    await isUntouched(
      /config\/fastdeploy\.env came from \/home\/fastdeploy\/site\/\.env, which is not among/,
      '--env_file',
      '/etc/other.env',
    );
  });

  test('is for the host that the backup is of, unless another one is named', async () => {
    const from = await forged('metadata.yml', 'hostname: web1', 'hostname: web7');
    const message = /forged-20260101T000000Z is of the host web7\n.*--target-host web1/;
    await isUntouched(message, '--from', from);
    await isUntouched(/web1 is not web3, which --target-host names/, '--from', from, '--target-host', 'web3');
    const {code, stderr} = await restore('--from', from, '--target-host', 'web1', '--validate-only');
    assert.equal(code, 0, stderr);
  });

  test('is refused when a role of the database is missing', async () => {
    await site.postgres.sql(
      'ALTER ROLE fastdeploy RENAME TO away; ALTER DATABASE fastdeploy RENAME TO elsewhere',
    );
    const {code, stderr} = await restore('--from', name);
    await site.postgres.sql(
      'ALTER ROLE away RENAME TO fastdeploy; ALTER DATABASE elsewhere RENAME TO fastdeploy',
    );
    await site.postgres.sql(`ALTER ROLE fastdeploy PASSWORD '${site.password.replaceAll("'", "''")}'`);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /cannot be restored: there is no role fastdeploy in PostgreSQL, which fastdeploy needs/,
    );
  });

  test('is refused in one line when PostgreSQL cannot be asked', async () => {
    await isUntouched(
      /web1: PostgreSQL cannot be asked for the database fastdeploy: .*authentication failed for user "nobody_here"\n/,
      '--postgres_user',
      'nobody_here',
      '--from',
      name,
    );
  });

  test('undoes all when the application does not become well, and tells both', async () => {
    const why =
      /failed because the application did not become well: http:\/\/127\.0\.0\.1:9999\/other answers with 404/;
    const url = [
      '--health-url',
      'http://127.0.0.1:9999/other',
      '--health-retries',
      '1',
      '--health-delay',
      '100ms',
    ];
    await isUndone(
      new RegExp(`${why.source}[\\s\\S]*all is as it was before, the application not being well either`),
      ...url,
    );
  });

  test('undoes all when the unit does not start', async () => {
    const from = await forged('systemd/fastdeploy.service', 'ExecStart=/home', 'ExecStart=/hume');
    const words = ['--from', from, '--health-retries', '50', '--health-delay', '200ms'];
    await isUndone(
      /failed (while services were started|because the application did not become well).*\n.*all is as it was before, and its services run/,
      ...words,
    );
  });

  test('undoes all when there is no safety backup, too', async () => {
    const url = [
      '--health-url',
      'http://127.0.0.1:9999/other',
      '--health-retries',
      '0',
      '--no-safety-backup',
    ];
    const backups = await site.host.sh(`ls ${ROOT}`);
    await isUndone(/did not become well/, ...url);
    assert.equal(await site.host.sh(`ls ${ROOT}`), backups);
  });

  test('keeps a backup and another restore out while it is at work', async () => {
    const stall = await stallAt(site.host, 'health');
    const {ended} = home.start('-H', 'web1', '--yes', 'fastdeploy_restore', '--from', name);
    await stall.reached();
    const others = await Promise.all([restore(), home.run('-H', 'web1', 'fastdeploy_backup')]);
    await stall.release();
    assert.equal((await ended).code, 0);
    for (const {code, stderr} of others) {
      assert.equal(code, 1);
      assert.match(stderr, /the restore of \S+ by \S+, run \S+, restore of fastdeploy is still at work/);
    }
  });

  test('that was cut off keeps everything else out, until it is taken back', async () => {
    const stall = await stallAt(site.host, 'files');
    const started = home.start('-H', 'web1', '--yes', 'fastdeploy_restore');
    await stall.reached();
    started.process.kill('SIGKILL');
    await site.host.sh(`kill -KILL $(sed -n 's/^process \\([0-9]*\\) .*/\\1/p' ${ROOT}/.restore/state)`);
    await started.ended;
    const others = [await restore(), await home.run('-H', 'web1', 'fastdeploy_backup')];
    for (const {code, stderr} of others) {
      assert.equal(code, 1);
      assert.match(
        stderr,
        /was cut off and is not taken back yet\n.*ftask -H web1 fastdeploy_restore --recover/,
      );
    }
    const {code, stdout, stderr} = await home.run('-H', 'web1', '--json', 'fastdeploy_restore', '--recover');
    await stall.release();
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).tasks[0].result[0].result, 'taken back');
    assert.equal(await marksOf(site), 'marked');
    assert.deepEqual(await troubles(site, ROOT), []);
    const again = await home.run('-H', 'web1', '--json', 'fastdeploy_restore', '--recover');
    assert.equal(JSON.parse(again.stdout).tasks[0].result[0].result, 'nothing to take back');
  });

  test('tells the next run how it ended when its ftask was gone', async () => {
    const stall = await stallAt(site.host, 'files');
    const started = home.start('-H', 'web1', '--yes', 'fastdeploy_restore');
    await stall.reached();
    started.process.kill('SIGKILL');
    await started.ended;
    await stall.release();
    await site.host.sh(`while ! flock -n ${ROOT}/.lock true; do sleep 0.1; done`);
    assert.equal(await marksOf(site), 'as backed up');
    const {code, stderr} = await restore('--validate-only');
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /the restore of \S+ by \S+, run \S+, restore of fastdeploy came to its end, after its ftask was gone/,
    );
    assert.deepEqual(await troubles(site, ROOT), []);
  });

  test('says before anything is changed that there is no room, and undoes all when the room is gone later', async () => {
    await site.host.sh(`mv ${ROOT} /var/tmp/kept`);
    await limitRoom(site.host, ROOT, 64);
    await site.host.sh(`cp -a /var/tmp/kept/. ${ROOT}; chmod 700 ${ROOT}`);
    const giveBack = await fillUp(site.host, ROOT, 1);
    const {code, stderr} = await restore('--no-safety-backup');
    assert.equal(code, 1);
    assert.match(
      stderr,
      /the restore may need [\d.]+ MiB, and [\d.]+ [KM]iB are free on \/opt\/backups\/fastdeploy\n.*make room for [\d.]+ [KM]?i?B more there/,
    );
    await giveBack();
    const stall = await stallAt(site.host, 'keep');
    const {ended} = home.start('-H', 'web1', '--yes', 'fastdeploy_restore', '--no-safety-backup');
    await stall.reached();
    const room = await fillUp(site.host, ROOT, 0);
    await stall.release();
    const second = await ended;
    await room();
    assert.equal(second.code, 1);
    assert.match(second.stderr, /failed while what is replaced was kept aside: .*No space left on device/);
    assert.equal(await marksOf(site), 'marked');
    await site.host.sh(`umount ${ROOT}; rmdir ${ROOT}; mv /var/tmp/kept ${ROOT}`);
    assert.deepEqual(await troubles(site, ROOT), []);
  });
});

/** `ftask app_restore` where a success would be none, or where little is as one would expect it. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {startHost, type TestHost} from '../../app/host/host.ts';
import {type HostPostgres, installPostgres, noDatabaseHost} from '../../app/host/postgres.ts';
import type {HostsHome} from '../hosts/home.ts';
import {appHome} from './home.ts';

const UNIT = '/etc/systemd/system/looping.service';

const CONFIG = `
apps:
  server: {components: {all: {postgres: postgres, count_tables: [orders]}}, create_archive: false}
  prepared: {components: {all: {postgres: held}}, create_archive: false}
  looping:
    components: {unit: {files: [${UNIT}]}}
    services: [{systemd: looping.service}]
    health: {retries: 1, delay: 100ms}
    create_archive: false
  secretive: {components: {all: {postgres: secretive}}, create_archive: false}
  nest: {components: {tree: {tree: /srv/nest}}, create_archive: false}
  one: {components: {tree: {tree: /srv/one}}, root: /srv/shared, create_archive: false}
  two: {components: {tree: {tree: /srv/two}}, root: /srv/shared, create_archive: false}
  stubborn:
    components: {all: {postgres: stubborn}}
    services:
      - start: touch /run/on /run/hold
        stop: test -e /run/hold || rm -f /run/on
        is_active: test -e /run/on
    health: {url: 'http://127.0.0.1:1/', retries: 0}
    create_archive: false
  rules: {components: {rules: {files: [/srv/rules/*.conf]}}, create_archive: false}
  void: {components: {tree: {tree: /srv/void}}, create_archive: false}
  replicated: {components: {all: {postgres: replicated}}, create_archive: false}
  named: {components: {tree: {tree: /srv/named}}, create_archive: false}
  site: {components: {tree: {tree: /srv/site}}, create_archive: false}
`;

describe('ftask app_restore of something odd', {skip: noDatabaseHost}, () => {
  let host: TestHost;
  let postgres: HostPostgres;
  let home: HostsHome;
  before(async () => {
    host = await startHost();
    postgres = await installPostgres(host, ['max_prepared_transactions = 2', 'wal_level = logical']);
    const other = CONFIG.replace('{tree: /srv/site}', '{tree: /srv/site, excludes: [media/]}').replace(
      'nest: {',
      'nest: {root: /srv/nest/backups, ',
    );
    home = await appHome([host], {'ftask.yaml': CONFIG, 'other.yaml': other});
  });

  const run = (...words: string[]) => home.run('-H', 'web1', '--yes', ...words);
  const backUp = async (app: string) => {
    const {code, stderr} = await run('app_backup', '--app', app);
    assert.equal(code, 0, stderr);
  };
  const restore = (app: string, ...words: string[]) =>
    run('app_restore', '--app', app, '--no-safety-backup', ...words);

  test('brings back the database postgres, which one connects to when there is no other', async () => {
    await postgres.sql('CREATE TABLE orders (); INSERT INTO orders DEFAULT VALUES');
    await backUp('server');
    await postgres.sql('DELETE FROM orders');
    const {code, stderr} = await restore('server');
    assert.equal(code, 0, stderr);
    assert.equal(await postgres.sql('SELECT count(*) FROM orders'), '1');
    assert.equal(await postgres.sql("SELECT datname FROM pg_database WHERE datname LIKE 'ftask%'"), '');
  });

  test('tells that a newer backup cannot be read, when it takes the latest that can', async () => {
    await host.sh('install -d /srv/site/media; echo 1 >/srv/site/media/one');
    await backUp('site');
    const newer = '/opt/backups/site/site-29990101T000000Z.tar.gz';
    await host.write(newer, 'cut off', 'root', '0600');
    const {code, stderr} = await run('app_verify', '--app', 'site');
    await host.sh(`rm ${newer}`);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /passed over: \S+site-29990101T000000Z\.tar\.gz: its metadata cannot be read/);
  });

  test('is refused when files of the backup are excluded by now', async () => {
    await host.sh('install -d /srv/site/media; echo 1 >/srv/site/media/one');
    await backUp('site');
    await host.sh('echo 2 >/srv/site/media/one');
    const {code, stderr} = await restore('site', '--config', 'other.yaml');
    assert.equal(code, 1, stderr);
    assert.match(stderr, /2 entries of tree are excluded by now, and were not when it was made/);
    assert.equal(await host.sh('cat /srv/site/media/one'), '2\n');
  });

  test('is refused when it would replace the backups themselves', async () => {
    await host.sh('install -d /srv/nest; echo 1 >/srv/nest/file');
    await backUp('nest');
    const snapshot = (await host.sh('echo /opt/backups/nest/nest-*Z')).trim();
    const {code, stderr} = await restore('nest', '--config', 'other.yaml', '--from', snapshot);
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      /nest cannot be restored: tree: \/srv\/nest and \/srv\/nest\/backups, where backups are/,
    );
  });

  test('takes the latest of its own when those of another application are beside it', async () => {
    await host.sh('install -d /srv/one /srv/two; echo 1 >/srv/one/file; echo 2 >/srv/two/file');
    await backUp('one');
    await backUp('two');
    const {code, stderr} = await restore('one');
    assert.equal(code, 0, stderr);
  });

  test('tells of files that stay because the backup does not have them', async () => {
    await host.sh('install -d /srv/rules; echo 1 >/srv/rules/old.conf');
    await backUp('rules');
    await host.sh('echo 2 >/srv/rules/old.conf; echo 2 >/srv/rules/new.conf');
    const {code, stderr} = await restore('rules');
    assert.equal(code, 0, stderr);
    assert.equal(await host.sh('cd /srv/rules; cat old.conf new.conf'), '1\n2\n');
    assert.match(stderr, /stays, though the backup does not have it: \/srv\/rules\/new\.conf/);
  });

  test('gives files to who has the name by now, whatever letters it has', async () => {
    await host.sh(`echo 'jörg:x:4720:4720::/:/bin/sh' >>/etc/passwd; echo 'jörg:x:4720:' >>/etc/group
      install -d /srv/named; touch /srv/named/file; chown 4720:4720 /srv/named/file`);
    await backUp('named');
    await host.sh('sed -i s/4720/4721/g /etc/passwd /etc/group');
    const {code, stderr} = await restore('named');
    assert.equal(code, 0, stderr);
    assert.equal(await host.sh("stat -c '%u %g' /srv/named/file"), '4721 4721\n');
  });

  test('tells that a folder becomes empty, before it does', async () => {
    await host.sh('install -d /srv/void');
    await backUp('void');
    await host.sh('touch /srv/void/file');
    const {code, stderr} = await restore('void', '--validate-only');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /tree: \/srv\/void becomes empty: the backup has no files of it/);
  });

  test('tells which replication slots go with the database that is replaced', async () => {
    await postgres.sql('CREATE DATABASE replicated');
    await backUp('replicated');
    await postgres.sql("SELECT pg_create_logical_replication_slot('feed', 'pgoutput')", 'replicated');
    const {code, stderr} = await restore('replicated');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /the database replicated loses its logical replication slots: feed/);
  });

  test('is refused while prepared transactions would hold the database', async () => {
    await postgres.sql('CREATE DATABASE held');
    await backUp('prepared');
    await postgres.sql("BEGIN; CREATE TABLE later (); PREPARE TRANSACTION 'later'", 'held');
    const {code, stderr} = await restore('prepared');
    await postgres.sql("ROLLBACK PREPARED 'later'", 'held');
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      /cannot be restored: the database held has prepared transactions that are not ended: 1/,
    );
  });

  test('never tells what was in a statement of the dump that failed', async () => {
    await postgres.sql('CREATE DATABASE secretive; CREATE ROLE leaver');
    await postgres.sql(
      `CREATE FOREIGN DATA WRAPPER far; CREATE SERVER away FOREIGN DATA WRAPPER far;
      CREATE USER MAPPING FOR leaver SERVER away OPTIONS (password 'hush')`,
      'secretive',
    );
    await backUp('secretive');
    await postgres.sql('DROP USER MAPPING FOR leaver SERVER away; DROP ROLE leaver', 'secretive');
    const restored = await restore('secretive');
    const verified = await run('app_verify', '--app', 'secretive');
    for (const {code, stdout, stderr} of [restored, verified]) {
      assert.equal(code, 1, stderr);
      assert.match(stderr, /role "leaver" does not exist/);
      assert.ok(!`${stdout}${stderr}`.includes('hush'));
    }
  });

  test('never removes a database that somebody made where there was none, once all of its own is taken back', async () => {
    await postgres.sql('CREATE DATABASE stubborn');
    await backUp('stubborn');
    await postgres.sql('DROP DATABASE stubborn');
    const {code, stderr} = await restore('stubborn');
    assert.equal(code, 1, stderr);
    assert.match(stderr, /not all is as it was before: service touch \/run\/on \/run\/hold/);
    await host.sh('rm /run/hold');
    await postgres.sql('CREATE DATABASE stubborn');
    await postgres.sql('CREATE TABLE by_hand ()', 'stubborn');
    const recovered = await run('app_restore', '--app', 'stubborn', '--recover');
    assert.equal(recovered.code, 0, recovered.stderr);
    assert.equal(await postgres.sql("SELECT to_regclass('by_hand')", 'stubborn'), 'by_hand');
  });

  test('tells which services it started that did not run before', async () => {
    await host.write(UNIT, '[Service]\nExecStart=/bin/sleep 1d\n');
    await host.sh('systemctl stop looping; systemctl daemon-reload');
    await backUp('looping');
    const {code, stderr} = await restore('looping');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /did not run before the restore, and do now: looping\.service/);
  });

  test('does not take a service for one that runs which systemd starts again and again', async () => {
    const unit = (command: string) => `[Service]\nExecStart=${command}\nRestart=always\nRestartSec=60\n`;
    await host.write(UNIT, unit('/bin/false'));
    await host.sh('systemctl daemon-reload');
    await backUp('looping');
    await host.write(UNIT, unit('/bin/sleep 1d'));
    await host.sh('systemctl daemon-reload; systemctl start looping');
    const {code, stderr} = await restore('looping');
    assert.equal(code, 1, stderr);
    assert.match(stderr, /did not become well: looping\.service does not run\n.*all is as it was before/);
    assert.equal(
      await host.sh('systemctl is-active looping; cat /etc/systemd/system/looping.service'),
      `active\n${unit('/bin/sleep 1d')}`,
    );
  });
});

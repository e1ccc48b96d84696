/** `ftask fastdeploy_backup` over SSH, of a site that lives: what it takes, what it never takes, and what it survives. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {lstatSync, mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import {readMetadata} from '../../../src/app/snapshot/metadata.ts';
import {AGE_KEY_FILE, noSite, SITE_VERSION, type Site, startSite} from '../../app/site/site.ts';
import {type Watch, watch} from '../../app/watch.ts';
import {emptyFolder} from '../ftask.ts';
import {type HostsHome, homeWith} from '../hosts/home.ts';
import {filesWith, watchProcesses} from '../hosts/secret-watch.ts';

const ROOT = '/opt/backups/fastdeploy';
const WORKSPACE = ['--include-workspace', '--runner-rsync-excludes', '.config/sops/age/keys.txt'];

interface Row {
  readonly snapshot: string;
  readonly archive: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly file: string;
}

describe('ftask fastdeploy_backup', {skip: noSite}, () => {
  let site: Site;
  let home: HostsHome;
  before(async () => {
    site = await startSite({databaseMiB: 10});
    const config = join(await emptyFolder(), 'ssh_config');
    const alive = 'ServerAliveInterval 2\n  ServerAliveCountMax 3';
    writeFileSync(config, `${site.host.sshConfig()}\n  ${alive}\n`, {mode: 0o600});
    home = await homeWith(config);
  });

  const backUp = (...words: string[]) => home.run('-H', 'web1', '--json', 'fastdeploy_backup', ...words);
  const rowOf = (stdout: string): Row => JSON.parse(stdout).tasks[0].result[0];
  const inside = async (script: string) => (await site.host.sh(script)).trimEnd();
  const names = async () => (await inside(`ls -A ${ROOT}`)).split('\n');
  const partials = async () => (await names()).filter((name) => name.includes('partial'));

  test('only tells in a dry run', async () => {
    const {code, stderr} = await home.run('-H', 'web1', 'fastdeploy_backup', '--dry-run');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /would capture database: \d+(\.\d)? MiB of database fastdeploy/);
    assert.match(stderr, /would need up to \d+(\.\d)? MiB; \d+(\.\d)? [MGT]iB are free/);
    assert.equal(await inside(`ls -d ${ROOT} 2>/dev/null || echo none`), 'none');
  });

  describe('with everything in it', () => {
    let row: Row;
    let made: Awaited<ReturnType<Watch['end']>>[];
    before(async () => {
      // The folder that is there before is anybody's to look into.
      const local = join(home.folder, 'backups');
      mkdirSync(local);
      await site.host.sh('mkdir -p /opt/backups');
      const watches = [await watch(['/opt/backups', '/tmp', '/var/tmp'], site.host), await watch([local])];
      const {code, stdout, stderr} = await backUp(
        '--include-logs',
        ...WORKSPACE,
        '--metadata-extra',
        'ticket=OPS-7',
      );
      made = await Promise.all(watches.map((one) => one.end()));
      assert.equal(code, 0, stderr);
      row = rowOf(stdout);
    });

    test('is for nobody else to read at any moment, on the host and here', () => {
      const [there, here] = made;
      assert.ok((there?.seen ?? 0) > 50);
      assert.ok((here?.seen ?? 0) > 1);
      assert.deepEqual(
        made.flatMap(({exposures}) => exposures),
        [],
      );
    });

    test("has the role's layout, and is what sha256sum accepts", async () => {
      const found = await inside(`cd ${row.snapshot}; sha256sum -c --strict --quiet manifest.sha256; ls -A`);
      const layout =
        'config contents.jsonl database deploy_runners deploy_workspace logs manifest.sha256 metadata.yml';
      assert.deepEqual(found.split('\n'), [
        ...layout.split(' '),
        'services',
        'sudoers',
        'systemd',
        'traefik',
      ]);
      const files =
        'config/fastdeploy.env database/fastdeploy.sql logs/fastdeploy.journal systemd/fastdeploy.service';
      const more = 'traefik/fastdeploy.yml sudoers/fastdeploy_restart sudoers/fastdeploy_runner';
      await inside(`cd ${row.snapshot}; for file in ${files} ${more}; do test -f $file; done`);
      assert.match(await inside(`head -c 2000 ${row.snapshot}/logs/fastdeploy.journal`), /^__CURSOR=/);
    });

    test('has every file, link and folder as it is, save that all is for root only', async () => {
      const trees = {
        services: '/home/fastdeploy/site/services',
        deploy_runners: '/home/deploy/runners',
        deploy_workspace: '/home/deploy/_workspace',
      };
      for (const [into, from] of Object.entries(trees))
        assert.equal(await inside(`diff -r --no-dereference ${from} ${row.snapshot}/${into}`), '');
      const modes = await inside(`find ${ROOT} ! -type l -printf '%y %m %u:%g\\n' | sort -u`);
      assert.equal(modes, 'd 700 root:root\nf 600 root:root');
    });

    test('says what it is in the metadata', async () => {
      const metadata = readMetadata(await site.host.sh(`cat ${row.snapshot}/metadata.yml`), 'metadata.yml');
      assert.equal(metadata.version, SITE_VERSION);
      assert.deepEqual(metadata.counts, {services: 4, deploy_runners: 4});
      assert.deepEqual(metadata.postgres?.rows, {services_service: 4});
      assert.deepEqual(metadata.extra, {ticket: 'OPS-7'});
      assert.deepEqual([metadata.host, metadata.hostname], ['web1', 'web1']);
      const missed = Object.entries(metadata.components).filter(([, {captured}]) => !captured);
      assert.deepEqual(missed, []);
    });

    test('is brought here, for nobody else to read, and is the same', async () => {
      assert.equal(row.file, join(home.folder, 'backups/fastdeploy', row.archive.slice(ROOT.length + 1)));
      const modes = ['backups/fastdeploy', '.'].map((folder) => join(home.folder, folder));
      assert.equal(lstatSync(modes[0] ?? '').mode & 0o777, 0o700);
      assert.equal(lstatSync(row.file).mode & 0o777, 0o600);
      const there = await inside(`cd ${ROOT}; sha256sum -c --quiet *.sha256; sha256sum ${row.archive}`);
      assert.equal(there.split(' ')[0], row.sha256);
      const here = execFileSync('sha256sum', [row.file], {encoding: 'utf8'});
      assert.equal(here.split(' ')[0], row.sha256);
      assert.equal(lstatSync(row.file).size, row.bytes);
    });

    test('never has the secret key of age', async () => {
      await site.host.sh(
        `test -e ${AGE_KEY_FILE}; ! grep -rqF "$(tail -n 1 ${AGE_KEY_FILE})" ${row.snapshot}`,
      );
    });
  });

  test('shows no password in a command line, a log or its own words', async () => {
    const since = new Date();
    const secret = site.postgres.password;
    const file = join(home.folder, 'postgres-password');
    writeFileSync(file, `${secret}\n`, {mode: 0o600});
    const watch = watchProcesses(secret);
    const ended = await home.run(
      ...['-H', 'web1', '--json', '-v', 'fastdeploy_backup', '--postgres-host', '127.0.0.1'],
      ...['--postgres-password', file],
    );
    const sightings = await watch.end();
    assert.equal(ended.code, 0, ended.stderr);
    assert.ok(!`${ended.stdout}${ended.stderr}`.includes(secret));
    assert.deepEqual(
      sightings.filter(({where}) => where === 'command line'),
      [],
    );
    // Programs of PostgreSQL have it in their environment, which only their user and root can read.
    const holders = sightings.map(({commandLine}) => commandLine);
    assert.ok(holders.some((line) => line.includes('pg_dump')));
    assert.deepEqual(
      filesWith(secret, [home.folder], since).filter((one) => one !== file),
      [],
    );
    await site.host.sh(`! grep -rqF '${secret}' ${ROOT}; ! journalctl -o cat | grep -qF '${secret}'`);
  });

  test('fails when a key of age lies in a service, and leaves nothing', async () => {
    const before = await names();
    const planted = '/home/fastdeploy/site/services/service-000/key.txt';
    await site.host.sh(`tail -n 1 ${AGE_KEY_FILE} >${planted}`);
    const {code, stdout} = await backUp();
    await site.host.sh(`rm ${planted}`);
    assert.equal(code, 1);
    assert.match(stdout, /must not be in a backup: \.\/services\/service-000\/key\.txt/);
    assert.deepEqual(await names(), before);
  });

  test('makes archives of either format, and encrypted ones', async () => {
    const key = execFileSync('age-keygen', {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']});
    const identity = join(home.folder, 'age-key');
    writeFileSync(identity, key, {mode: 0o600});
    const recipient = key.match(/age1\w+/)?.[0] ?? '';
    const words = ['--archive-format', 'tar.zst', '--age-recipients', recipient];
    const {code, stdout, stderr} = await backUp(...words, '--prefix', 'sealed');
    assert.equal(code, 0, stderr);
    const {file, snapshot} = rowOf(stdout);
    assert.ok(file.endsWith('Z.tar.zst.age'));
    const unpacked = await emptyFolder();
    const unpack = `age -d -i ${identity} ${file} | zstd -dc | tar -xf - -C ${unpacked}`;
    execFileSync('bash', ['-o', 'pipefail', '-c', unpack]);
    const [name = ''] = readdirSync(unpacked);
    assert.equal(`${ROOT}/${name}`, snapshot);
    execFileSync('sha256sum', ['-c', '--quiet', 'manifest.sha256'], {cwd: join(unpacked, name)});
  });

  test('that was killed is tidied up by the next one, which says so', async () => {
    const slow = '/usr/local/bin/slow_dump';
    await site.host.write(slow, '#!/bin/sh\ntouch /run/slow\nsleep 600\n', 'root', '0755');
    const {process, ended} = home.start('-H', 'web1', 'fastdeploy_backup', '--postgres-dump-binary', slow);
    await site.host.sh('chmod 1777 /run; while ! test -e /run/slow; do sleep 0.1; done');
    process.kill('SIGKILL');
    await ended;
    assert.equal((await partials()).length, 2);
    await site.host.sh(`while ! flock -n ${ROOT}/.lock true; do sleep 0.1; done`);
    const {code, stderr} = await home.run('-H', 'web1', 'fastdeploy_backup');
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /took over the lock of \/opt\/backups\/fastdeploy: its holder is gone: \S+, run \S+, backup/,
    );
    assert.match(stderr, /ended 1 processes that a dead run left at work/);
    assert.match(stderr, /removed what a dead run left in \/opt\/backups\/fastdeploy: \.manual-/);
    assert.deepEqual(await partials(), []);
    assert.equal(await inside('pgrep -xc sleep || true'), '0');
  });

  test('refuses a second one at a time', async () => {
    await site.host.sh('rm -f /run/slow');
    const slow = '/usr/local/bin/slow_dump';
    await site.host.write(
      slow,
      '#!/bin/sh\ntouch /run/slow\nwhile test -e /run/slow; do sleep 0.1; done\nexec pg_dump "$@"\n',
      'root',
      '0755',
    );
    const {ended} = home.start('-H', 'web1', 'fastdeploy_backup', '--postgres-dump-binary', slow);
    await site.host.sh('while ! test -e /run/slow; do sleep 0.1; done');
    const second = await home.run('-H', 'web1', 'fastdeploy_backup');
    await site.host.sh('rm /run/slow');
    assert.equal((await ended).code, 0);
    assert.equal(second.code, 1);
    assert.match(second.stderr, /\/opt\/backups\/fastdeploy is in use: \S+, run \S+, backup of fastdeploy/);
  });

  test('whose link is cut while the archive comes leaves no half of it here, and the next one is whole', async () => {
    const local = join(home.folder, 'cut');
    await site.host.write(
      '/usr/local/bin/pigz',
      '#!/bin/sh\ngzip -1 | { head -c 200000; touch /run/packing; sleep 600; }\n',
      'root',
      '0755',
    );
    const {ended} = home.start('-H', 'web1', 'fastdeploy_backup', '--local-dir', local);
    await site.host.sh('while ! test -e /run/packing; do sleep 0.1; done');
    await site.host.cut();
    const {code, stderr} = await ended;
    await site.host.mend();
    assert.equal(code, 1);
    assert.match(stderr, /is complete and stays; it has no archive/);
    assert.deepEqual(readdirSync(local), []);
    await site.host.sh('rm /usr/local/bin/pigz /run/packing; pkill -x sleep');
    const next = await home.run('-H', 'web1', '--json', 'fastdeploy_backup', '--local-dir', local);
    assert.equal(next.code, 0, next.stderr);
    assert.deepEqual(await partials(), []);
    const {file} = rowOf(next.stdout);
    execFileSync('tar', ['-tzf', file], {stdio: 'ignore'});
  });
});

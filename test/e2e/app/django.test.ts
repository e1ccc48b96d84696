/** The Django example of config/ftask.yaml, as it stands there: an application in use is backed up, verified, lost and restored. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import {parse} from 'yaml';
import {type Django, noDjango, startDjango} from '../../app/site/django.ts';
import {healthOf} from '../../app/site/health.ts';
import {isOfOneMoment, startLoad} from '../../app/site/load.ts';
import {record} from '../../app/site/record.ts';
import {wipe} from '../../app/site/wipe.ts';
import {emptyFolder} from '../ftask.ts';
import type {HostsHome} from '../hosts/home.ts';
import {djangoExample} from './django-example.ts';
import {appHome} from './home.ts';

const SLOW = "      slow: {output: 'echo half; touch /run/slow; sleep 600'}\n";

describe('the Django example of config/ftask.yaml', {skip: noDjango}, () => {
  let site: Django;
  let home: HostsHome;
  before(async () => {
    site = await startDjango();
    await site.host.sh('pgbench -iq -s 2 shop 2>&1', {user: 'app'});
    const slow = djangoExample().replace('components:\n', `components:\n${SLOW}`);
    home = await appHome([site.host], {'ftask.yaml': djangoExample(), 'slow.yaml': slow});
  });

  const run = (task: string, ...words: string[]) =>
    home.run('-H', 'web1', '--json', '--yes', task, '--app', 'shop', ...words);
  const succeeds = async (task: string, ...words: string[]) => {
    const {code, stdout, stderr} = await run(task, ...words);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout).tasks[0].result[0];
  };
  const compose = (words: string) =>
    site.host.sh(`docker compose --project-directory ${site.project} ${words}`);
  const sql = (text: string) => site.postgres.sql(text, 'shop');
  const all = 'backend\nworker\nbeat\n';

  describe('while it is written to', () => {
    let unpacked: string;
    before(async () => {
      const load = await startLoad(site);
      const {file} = await succeeds('app_backup');
      const folder = await emptyFolder();
      execFileSync('tar', ['--zstd', '-xf', file, '-C', folder]);
      unpacked = join(folder, readdirSync(folder)[0] ?? '');
      await succeeds('app_restore');
      await load.end();
    });

    test('makes a backup of all that it names, whose custom-format dump lists', () => {
      const folders = readdirSync(unpacked).filter((name) => !name.includes('.'));
      assert.deepEqual(folders.sort(), ['database', 'logs', 'settings', 'sites']);
      const listed = execFileSync('pg_restore', ['--list', join(unpacked, 'database/shop.dump')], {
        encoding: 'utf8',
      });
      assert.match(listed, /TABLE DATA public sites_site app/);
      const metadata = parse(readFileSync(join(unpacked, 'metadata.yml'), 'utf8'));
      assert.equal(metadata.postgres.format, 'custom');
      assert.equal(metadata.postgres.rows.sites_site, 5);
      assert.ok(metadata.postgres.rows.jobs_job > 0);
      assert.equal(`${metadata.shop_version}`, '2.7');
    });

    test('restores the database of one moment, migrates it, and has all services run', async () => {
      assert.ok(await isOfOneMoment(site, 'shop'));
      assert.equal(await sql('SELECT DISTINCT theme FROM sites_site'), 'plain');
      assert.equal(await compose('ps --services --status running'), all);
      assert.equal(await healthOf(site.host, site.healthUrl), 200);
    });
  });

  test('brings back data, files, owners and modes of one that was wiped', async () => {
    await compose('stop worker beat');
    await succeeds('app_backup');
    const rows = await sql('SELECT max(id), last_value FROM jobs_job, jobs_job_id_seq GROUP BY last_value');
    const [last, sequence] = rows.split('|');
    const recording = await record({...site, paths: [...site.paths, site.logs, `${site.project}/.env`]});
    await wipe({...site, paths: [...site.paths, site.logs, `${site.project}/.env`]});
    await succeeds('app_restore');
    assert.equal(await compose('ps --services --status running'), all);
    // What the worker has done since is all that may be new.
    await compose('stop worker beat');
    await sql(`DELETE FROM jobs_job WHERE id > ${last}; SELECT setval('jobs_job_id_seq', ${sequence})`);
    assert.deepEqual(await recording.differences(), []);
    await compose('start worker beat');
  });

  test('proves by its own check that each site has its folder', async () => {
    assert.equal((await succeeds('app_verify')).result, 'verified');
    await sql("INSERT INTO sites_site (folder) VALUES ('not there')");
    await succeeds('app_backup');
    const {code, stderr} = await run('app_verify');
    assert.equal(code, 1);
    assert.match(stderr, /was restored, but is not right: [\s\S]*cannot access 'not there'/);
  });

  test('is encrypted and verified by keys of age, and says when it is the wrong one', async () => {
    const keys = ['right.key', 'wrong.key'].map((name) => join(home.folder, name));
    for (const key of keys) execFileSync('age-keygen', ['-o', key], {stdio: 'ignore'});
    const [recipient, other] = keys.map((key) => execFileSync('age-keygen', ['-y', key], {encoding: 'utf8'}));
    assert.notEqual(recipient, other);
    const config = `${djangoExample()}    age_recipients: [${recipient?.trim()}]\n`;
    await writeFile(join(home.folder, 'sealed.yaml'), config);
    await sql("DELETE FROM sites_site WHERE folder = 'not there'");
    const {file} = await succeeds('app_backup', '--config', 'sealed.yaml');
    assert.equal(readFileSync(file).subarray(0, 21).toString(), 'age-encryption.org/v1');
    const proved = await succeeds('app_verify', '--from', file, '--age-identity', 'right.key');
    assert.equal(proved.result, 'verified');
    const {code, stderr} = await run('app_verify', '--from', file, '--age-identity', 'wrong.key');
    assert.equal(code, 1);
    assert.match(stderr, /tar\.zst\.age cannot be decrypted: no identity matched/);
    assert.match(stderr, /hint: another identity of age: --age-identity FILE/);
  });

  test('leaves nothing of a backup that is interrupted, and says so in a line', async () => {
    const left = () => site.host.sh('ls -A /opt/backups/shop');
    const before = await left();
    const started = home.start('-H', 'web1', '--config', 'slow.yaml', 'app_backup', '--app', 'shop');
    await site.host.sh('while ! test -e /run/slow; do sleep 0.1; done');
    started.process.kill('SIGINT');
    const {code, stdout, stderr} = await started.ended;
    assert.equal(code, 130);
    assert.equal(stdout, '');
    assert.match(stderr, /0 done, 1 failed\n {2}web1: interrupted\napp_backup: /);
    assert.equal(await left(), before);
  });
});

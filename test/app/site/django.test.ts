/** The Django application of the tests lives: its services run, write, stop and start, and its migration migrates. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {type Django, noDjango, startDjango} from './django.ts';
import {becomeWell, healthOf} from './health.ts';
import {record} from './record.ts';
import {wipe} from './wipe.ts';

describe('a Django application of the tests', {skip: noDjango}, () => {
  let django: Django;
  before(async () => {
    django = await startDjango();
  });

  const compose = (words: string) =>
    django.host.sh(`docker compose --project-directory ${django.project} ${words}`);
  const jobs = async (kind: string) =>
    Number(await django.postgres.sql(`SELECT count(*) FROM jobs_job WHERE kind = '${kind}'`, 'shop'));
  const writes = async (kind: string) => {
    const count = await jobs(kind);
    while ((await jobs(kind)) === count);
  };

  test('has services that compose tells of, stops and starts', async () => {
    assert.equal(await compose('ps --services --status running'), 'backend\nworker\nbeat\n');
    await writes('worker');
    await compose('stop worker backend');
    assert.equal(await compose('ps --services --status running'), 'beat\n');
    assert.equal(await healthOf(django.host, django.healthUrl), 0);
    const count = await jobs('worker');
    await writes('beat');
    assert.equal(await jobs('worker'), count);
    await compose('start backend worker');
    await becomeWell(django.host, django.healthUrl);
    await writes('worker');
  });

  test('has no service but those of its project', async () => {
    await assert.rejects(compose('stop other'), /no such service: other/);
    await assert.rejects(django.host.sh('docker compose --project-directory /srv stop worker'), /not found/);
  });

  test('migrates its database, again and again', async () => {
    await django.host.sh(django.migrate);
    await django.host.sh(django.migrate);
    assert.equal(await django.postgres.sql('SELECT DISTINCT theme FROM sites_site', 'shop'), 'plain');
    assert.equal(await django.postgres.sql('SELECT count(*) FROM django_migrations', 'shop'), '2');
  });

  test('is compared and wiped as any other', async () => {
    await compose('stop');
    const recording = await record(django);
    assert.deepEqual(await recording.differences(), []);
    await wipe(django);
    assert.match((await recording.differences({database: false})).join('\n'), /data\/app\/sites-data/);
  });
});

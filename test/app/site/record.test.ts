/** Any difference between an application that was lost and the one that came back is seen. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {healthOf} from './health.ts';
import {isOfOneMoment, startLoad} from './load.ts';
import {type Recording, record} from './record.ts';
import {noSite, type Site, startSite} from './site.ts';
import {wipe} from './wipe.ts';

const RUNNERS = '/home/deploy/runners';

describe('a recording of a site', {skip: noSite}, () => {
  let site: Site;
  let recording: Recording;
  before(async () => {
    site = await startSite({databaseMiB: 1});
    recording = await record(site);
  });

  test('is the site while nobody changes it', async () => {
    assert.deepEqual(await recording.differences(), []);
  });

  const changes: Readonly<Record<string, [change: string, back: string]>> = {
    'a byte': [`printf X | dd of=${RUNNERS}/binary seek=9 bs=1 conv=notrunc`, ''],
    'a mode': [`chmod 4754 ${RUNNERS}/modes/setuid`, `chmod 4755 ${RUNNERS}/modes/setuid`],
    'an owner': [`chown 4713 ${RUNNERS}/modes/stranger`, `chown 4711 ${RUNNERS}/modes/stranger`],
    'a file more': [`touch ${RUNNERS}/empty/more`, `rm ${RUNNERS}/empty/more`],
    'a file less': ['rm /etc/sudoers.d/fastdeploy_runner', ''],
    'where a link leads': [`ln -sfn elsewhere ${RUNNERS}/links/dangling`, ''],
    'a time': [`touch -d 2020-01-01 ${RUNNERS}/empty/file`, ''],
  };
  for (const [what, [change, back]] of Object.entries(changes)) {
    test(`tells of ${what}`, async () => {
      const known = await recording.differences({database: false});
      await site.host.sh(change);
      const told = await recording.differences({database: false});
      assert.ok(told.length > known.length, told.join('\n'));
      await site.host.sh(back);
    });
  }

  test('tells of a row, an owner and a constraint of the database', async () => {
    const of = {paths: []};
    for (const change of [
      `UPDATE deployments_deployment SET note = 'other' WHERE id = 7`,
      'ALTER TABLE services_service OWNER TO postgres',
      'ALTER TABLE deployments_deployment DROP CONSTRAINT deployments_deployment_note_check',
      'ALTER DATABASE fastdeploy OWNER TO postgres',
    ]) {
      const known = await recording.differences(of);
      await site.postgres.sql(change, 'fastdeploy');
      assert.notDeepEqual(await recording.differences(of), known, change);
    }
  });

  test('tells by its sums whether a database under load is of one moment', async () => {
    const load = await startLoad(site);
    while ((await load.count()) < 50);
    await site.postgres.sql('CREATE DATABASE other');
    const copy = (table: string) =>
      site.host.sh(`pg_dump -t ${table} fastdeploy | psql -Xq other`, {user: 'postgres'});
    await site.host.sh('pg_dump fastdeploy >/var/tmp/whole', {user: 'postgres'});
    for (const table of ['accounts', 'tellers', 'branches', 'history']) {
      const count = await load.count();
      await copy(`pgbench_${table}`);
      while ((await load.count()) === count);
    }
    await load.end();
    assert.equal(await isOfOneMoment(site, 'other'), false);
    await site.postgres.sql('DROP DATABASE other');
    await site.postgres.sql('CREATE DATABASE other');
    await site.host.sh('psql -Xq other </var/tmp/whole', {user: 'postgres'});
    assert.equal(await isOfOneMoment(site, 'other'), true);
  });

  test('tells of everything after a disaster', async () => {
    await wipe(site);
    assert.equal(await healthOf(site.host, site.healthUrl), 0);
    const told = (await recording.differences({database: false})).join('\n');
    for (const path of site.paths)
      assert.match(told, new RegExp(`^\\S+ ${path.slice(1).replaceAll('.', '\\.')}`, 'm'));
    await assert.rejects(recording.differences({paths: []}), /"fastdeploy" does not exist/);
  });
});

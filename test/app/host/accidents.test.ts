/** Accidents on a host happen there, and can be made good. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {crashPostgres, fillUp, killAll, limitRoom, running} from './accidents.ts';
import {startHost, type TestHost} from './host.ts';
import {installPostgres, noDatabaseHost} from './postgres.ts';

describe('on a host of the tests', {skip: noDatabaseHost}, () => {
  let host: TestHost;
  before(async () => {
    host = await startHost();
  });

  test('a disk is full, until it is not', async () => {
    await limitRoom(host, '/opt/backups', 16);
    const giveBack = await fillUp(host, '/opt/backups', 2);
    const write = () => host.sh('head -c 3M /dev/zero >/opt/backups/file');
    await assert.rejects(write(), /No space left/);
    await giveBack();
    await write();
  });

  test('a program is killed when it runs', async () => {
    const ends = assert.rejects(host.sh('dd if=/dev/zero of=/dev/null'), /Command failed/);
    await running(host, 'dd');
    assert.equal(await killAll(host, 'dd'), 1);
    await ends;
    assert.equal(await killAll(host, 'dd'), 0);
  });

  test('PostgreSQL crashes, and comes back with what was committed', async () => {
    const postgres = await installPostgres(host);
    await postgres.sql('CREATE TABLE kept AS SELECT 1');
    const session = assert.rejects(postgres.sql('SELECT pg_sleep(100)'), /closed the connection|terminating/);
    while (
      (await postgres.sql(`SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'`)) !==
      '1'
    );
    await crashPostgres(host);
    await session;
    assert.equal(await postgres.sql('SELECT count(*) FROM kept'), '1');
  });
});

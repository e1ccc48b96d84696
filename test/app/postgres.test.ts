/** The server that backups are proved on is a real one, which tells users of the system from roles with a password. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {before, describe, test} from 'node:test';
import {promisify} from 'node:util';
import {noPostgres, startPostgres, type TestPostgres} from './postgres.ts';

const run = promisify(execFile);

describe('a PostgreSQL server of the tests', {skip: noPostgres}, () => {
  let postgres: TestPostgres;
  before(async () => {
    postgres = await startPostgres();
    await postgres.sql(`CREATE ROLE fastdeploy LOGIN PASSWORD 'a b''c'`);
    await postgres.sql('CREATE DATABASE fastdeploy OWNER fastdeploy');
  });

  const psql = (host: string, role: string, password: string) =>
    run(
      'psql',
      ['-XAtqw', '-h', host, '-p', `${postgres.port}`, '-U', role, '-d', 'fastdeploy', '-c', 'SELECT 1'],
      {
        env: {PATH: process.env['PATH'], PGPASSWORD: password},
      },
    );

  test('lets the user postgres in over its socket, and no other', async () => {
    assert.equal(await postgres.sql('SELECT current_user'), 'postgres');
    await assert.rejects(psql(postgres.socket, 'postgres', postgres.password), /Peer authentication failed/);
  });

  test('wants the password of a role over TCP', async () => {
    await psql('127.0.0.1', 'fastdeploy', `a b'c`);
    await assert.rejects(psql('127.0.0.1', 'fastdeploy', 'wrong'), /password authentication failed/);
  });

  test('keeps what was committed when it crashes', async () => {
    await postgres.sql('CREATE TABLE kept AS SELECT generate_series(1, 5)', 'fastdeploy');
    await postgres.stop('immediate');
    await postgres.start();
    assert.equal(await postgres.sql('SELECT count(*) FROM kept', 'fastdeploy'), '5');
  });

  test('fails when SQL fails', async () => {
    await assert.rejects(postgres.sql('SELECT 1; SELECT nothing; SELECT 2'), /column "nothing"/);
  });
});

/** Dumps of a real PostgreSQL server, while it is written to and while it goes wrong. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import type {Postgres} from '../../../../src/app/application.ts';
import {readMetadata} from '../../../../src/app/snapshot/metadata.ts';
import {Secret} from '../../../../src/secret.ts';
import {noPostgres, startPostgres, type TestPostgres} from '../../postgres.ts';
import {makeScene, type Scene, said} from '../scene.ts';

describe('a dump', {skip: noPostgres}, () => {
  let server: TestPostgres;
  let scene: Scene;
  before(async () => {
    server = await startPostgres();
    scene = await makeScene(server, 'bench');
    pgbench('--initialize', '--scale=2', '--quiet');
  });

  const pgbench = (...words: string[]) =>
    said(
      '/',
      'setpriv',
      ...AS_POSTGRES,
      'pgbench',
      '-h',
      server.socket,
      '-p',
      `${server.port}`,
      ...words,
      'bench',
    );
  const only = (change: Partial<Postgres>) => ({components: [{...scene.database, ...change}]});
  const rowsOf = (snapshot: string) => {
    const {postgres} = readMetadata(readFileSync(join(snapshot, 'metadata.yml'), 'utf8'), snapshot);
    return postgres?.rows ?? {};
  };

  for (const format of ['plain', 'custom'] as const) {
    test(`(${format}) has as many rows as were counted, whatever is written meanwhile`, async () => {
      const words = ['-h', server.socket, '-p', `${server.port}`, '-c', '2', '-T', '60', '-n', 'bench'];
      const writer = spawn('setpriv', [...AS_POSTGRES, 'pgbench', ...words], {stdio: 'ignore', cwd: '/'});
      const count = async () => Number(await server.sql('SELECT count(*) FROM pgbench_history', 'bench'));
      while ((await count()) < 50);
      // It holds still until more was written than the snapshot that it reads may have.
      const dumpProgram = script(
        'slow',
        `before=$(psql -XAtc 'SELECT count(*) FROM pgbench_history')
        until [ "$(psql -XAtc 'SELECT count(*) FROM pgbench_history')" -gt $((before + 20)) ]; do :; done
        exec pg_dump "$@"`,
      );
      const countTables = ['pgbench_history', 'public.pgbench_accounts', 'missing'];
      const {snapshot} = await scene.backUp(only({format, dumpProgram, countTables, options: []}));
      const later = await count();
      writer.kill();
      await once(writer, 'exit');
      const rows = rowsOf(snapshot);
      assert.deepEqual(Object.keys(rows).sort(), ['pgbench_history', 'public.pgbench_accounts']);
      const file = join(snapshot, `database/bench.${format === 'plain' ? 'sql' : 'dump'}`);
      const sql = format === 'plain' ? readFileSync(file, 'utf8') : said('/', 'pg_restore', '-f-', file);
      assert.equal(rows['pgbench_history'], copied(sql, 'pgbench_history'));
      assert.equal(rows['public.pgbench_accounts'], copied(sql, 'pgbench_accounts'));
      assert.ok(later > Number(rows['pgbench_history']));
    });
  }

  test('may take longer than the server lets others be idle, or work', async () => {
    const dumpProgram = script('long', 'sleep 1; exec pg_dump "$@"');
    const limits = ['idle_in_transaction_session_timeout', 'statement_timeout', 'lock_timeout'];
    for (const limit of limits) await server.sql(`ALTER DATABASE bench SET ${limit} = '200ms'`);
    await server.sql('CREATE TABLE "größe" AS SELECT 1 AS x', 'bench');
    try {
      const {snapshot} = await scene.backUp(only({dumpProgram, countTables: ['"größe"']}));
      assert.deepEqual(rowsOf(snapshot), {'"größe"': 1});
    } finally {
      for (const limit of limits) await server.sql(`ALTER DATABASE bench RESET ${limit}`);
    }
  });

  test('goes over TCP with a password, which nobody sees', async () => {
    const {snapshot} = await scene.backUp(only({host: '127.0.0.1', password: new Secret(server.password)}));
    assert.equal(rowsOf(snapshot)['services_service'], 17);
    for (const file of said(snapshot, 'find', '.', '-type', 'f').split('\n'))
      assert.ok(!readFileSync(join(snapshot, file), 'latin1').includes(server.password), file);
  });

  const script = (name: string, text: string): string => {
    const path = join(scene.folder, name);
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
    return path;
  };

  const faults: readonly (readonly [string, string, RegExp])[] = [
    ['pg_dump is killed', 'pg_dump "$@" | head -c 2000; kill -9 $$', /pg_dump ended with exit code 137/],
    ['pg_dump fails after it has written all', 'pg_dump "$@"; exit 3', /pg_dump ended with exit code 3/],
    ['pg_dump leaves out the end and says nothing', 'pg_dump "$@" | head -c 2000', /the dump is not whole/],
    ['pg_dump writes nothing at all', 'exit 0', /the dump is not whole/],
  ];
  for (const [title, text, message] of faults) {
    test(`that is not whole fails the backup, and nothing of it stays: ${title}`, async () => {
      const names = scene.names();
      await assert.rejects(scene.backUp(only({dumpProgram: script('faulty', text)})), {message});
      assert.deepEqual(scene.names(), names);
    });
  }

  test('in custom format that cannot be listed fails the backup', async () => {
    const dumpProgram = script('cut', 'pg_dump "$@" | head -c 900');
    await assert.rejects(scene.backUp(only({format: 'custom', options: [], dumpProgram})), {
      message: /the dump is not whole/,
    });
  });

  test('in custom format whose data was cut off fails the backup, though it can be listed', async () => {
    const dumpProgram = script('short', 'pg_dump "$@" >/tmp/$$; head -c -2000 /tmp/$$; rm /tmp/$$');
    await assert.rejects(scene.backUp(only({format: 'custom', options: [], dumpProgram})), {
      message: /the dump is not whole/,
    });
  });

  test('fails when the server goes away in the middle, and says so', async () => {
    // QUIT is what `pg_ctl --mode=immediate` sends.
    const stopped = `main=$(head -n 1 ${server.folder}/data/postmaster.pid)
      kill -QUIT "$main"; while kill -0 "$main"; do sleep 0.1; done; exec pg_dump "$@"`;
    const dumpProgram = script('gone', stopped);
    try {
      await assert.rejects(scene.backUp(only({dumpProgram})), {
        code: 'CommandFailed',
        message: /dump of the database bench/,
      });
    } finally {
      await server.start();
    }
  });

  const unreachable: readonly (readonly [string, Partial<Postgres>, RegExp])[] = [
    ['there is no such database', {database: 'nobody'}, /database "nobody" does not exist/],
    ['nobody listens', {port: 1}, /cannot be backed up: database: connection to server .*No such file/],
    [
      'the password is wrong',
      {host: '127.0.0.1', password: new Secret('wr0ng-one')},
      /password authentication failed/,
    ],
    ['there is no program', {dumpProgram: 'no_such_dump'}, /there is no no_such_dump/],
  ];
  for (const [title, change, message] of unreachable) {
    test(`is not begun when ${title}: nothing is written`, async () => {
      const root = join(scene.folder, 'untouched');
      await assert.rejects(scene.backUp({root, ...only(change)}), (error: Error) => {
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /\n/);
        assert.ok(!error.message.includes('wr0ng-one'));
        return true;
      });
      assert.ok(!existsSync(root));
    });
  }
});

const AS_POSTGRES = ['--reuid=postgres', '--regid=postgres', '--init-groups'];

/** Lines of the table's COPY block. */
function copied(sql: string, table: string): number {
  const [, block = ''] = sql.split(new RegExp(`^COPY public\\.${table} .*;\\n`, 'm'));
  return block.slice(0, block.search(/^\\\.$/m)).split('\n').length - 1;
}

/** A database that is made anew is like the one that it replaces: on a real PostgreSQL server. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {alterationsOf, creationOf, rolesOf, TRAITS, traitsOf} from '../../../src/app/postgres/traits.ts';
import {noPostgres, startPostgres, type TestPostgres} from '../postgres.ts';

const ODD = `odd "name" it's \\ ü`;
const quoted = `"${ODD.replaceAll('"', '""')}"`;

describe('the traits of a database', {skip: noPostgres}, () => {
  let server: TestPostgres;
  before(async () => {
    server = await startPostgres();
    await server.sql(`CREATE ROLE ${quoted}; CREATE ROLE reader`);
  });

  const traitsIn = async (name: string) => {
    const where = `d.datname = '${name.replaceAll("'", "''")}'`;
    return traitsOf(JSON.parse(await server.sql(`SELECT ${TRAITS} FROM pg_database AS d WHERE ${where}`)));
  };
  const copied = async (name: string) => {
    const traits = await traitsIn(name);
    assert.ok(traits);
    await server.sql(creationOf('copy', traits.owner, traits));
    await server.sql(alterationsOf('copy', traits));
    const copy = await traitsIn('copy');
    await server.sql('DROP DATABASE copy');
    return {traits, copy};
  };

  test('are those of a plain one', async () => {
    await server.sql('CREATE DATABASE plain OWNER reader');
    const {traits, copy} = await copied('plain');
    assert.deepEqual(copy, traits);
    assert.deepEqual(
      [traits.owner, traits.encoding, traits.ctype, traits.grants],
      ['reader', 'UTF8', 'C.UTF-8', null],
    );
  });

  test('are those of an odd one: names, collation, grants, settings of it and of roles, comment, limit', async () => {
    await server.sql(
      `CREATE DATABASE ${quoted} OWNER ${quoted} TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'`,
    );
    await server.sql(`REVOKE ALL ON DATABASE ${quoted} FROM PUBLIC, ${quoted};
      GRANT TEMPORARY ON DATABASE ${quoted} TO PUBLIC; GRANT CONNECT ON DATABASE ${quoted} TO reader WITH GRANT OPTION;
      ALTER DATABASE ${quoted} SET search_path = "$user", public, 'it''s "one"', '';
      ALTER DATABASE ${quoted} SET work_mem = '7MB'; ALTER DATABASE ${quoted} SET "my.own" = 'back\\slash, it''s';
      ALTER ROLE ${quoted} IN DATABASE ${quoted} SET datestyle = 'SQL, DMY';
      ALTER ROLE reader IN DATABASE ${quoted} SET default_transaction_read_only = on;
      ALTER DATABASE ${quoted} CONNECTION LIMIT 3; COMMENT ON DATABASE ${quoted} IS 'it''s \\ "it"'`);
    const {traits, copy} = await copied(ODD);
    const sorted = ({settings, ...rest}: typeof traits) => ({
      ...rest,
      settings: settings.map((one) => JSON.stringify(one)).sort(),
    });
    assert.ok(copy);
    assert.deepEqual(sorted(copy), sorted(traits));
    assert.deepEqual(rolesOf(traits).sort(), [ODD, 'reader'].sort());
    assert.equal(traits.settings.length, 5);
  });

  test('with ICU are those of ICU', async () => {
    await server.sql(`CREATE DATABASE icu TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de-AT'`);
    const {traits, copy} = await copied('icu');
    assert.deepEqual(copy, traits);
    assert.deepEqual([traits.provider, traits.locale], ['i', 'de-AT']);
  });

  test('are none when somebody wrote something else there', () => {
    for (const value of [undefined, null, 'text', [], {}, {owner: 'a'}])
      assert.equal(traitsOf(value), undefined);
  });
});

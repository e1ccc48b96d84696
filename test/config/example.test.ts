import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {parse} from 'yaml';
import {z} from 'zod';
import {allKeys, keysAt, schemaAt} from '../../src/config/key.ts';
import {loadConfig} from '../../src/config/load.ts';
import {configSchema} from '../../src/config/schema.ts';
import {defaultLayer} from '../../src/config/settings.ts';
import {packageRoot} from '../../src/package.ts';
import {emptyFolder, folderWith} from './folder.ts';

const example = join(packageRoot(), 'config', 'ftask.yaml');
const source = readFileSync(example, 'utf8');

describe('config/ftask.yaml', () => {
  test('has every key of the schema with its default, in the order of the schema', () => {
    assert.deepEqual(parse(source), defaultLayer().raw);
    assert.deepEqual(
      Object.entries(parse(source)).flatMap(([section, keys]) =>
        section === 'apps' ? [[section]] : Object.keys(keys as object).map((key) => [section, key]),
      ),
      allKeys(),
    );
  });

  test('is a valid configuration that says what holds without it', async () => {
    const homeDir = emptyFolder();
    const sources = {cwd: homeDir, env: {}, homeDir, systemDir: homeDir};
    const {values} = await loadConfig({...sources, configFile: example});
    assert.deepEqual(values, (await loadConfig(sources)).values);
  });

  test('explains every key with the description of the schema', () => {
    const prose = source.replace(/\s*\n\s*#\s*/g, ' ');
    for (const path of [...keysAt([]).map((section) => [section]), ...allKeys()]) {
      const description = descriptionOf(path);
      assert.ok(description && prose.includes(description), `${path.join('.')}: ${description}`);
    }
  });

  test('has an up-to-date schema for editors beside it; UPDATE=1 writes it', () => {
    const file = join(packageRoot(), 'config', 'ftask.schema.json');
    const current = z.toJSONSchema(configSchema, {io: 'input'});
    if (process.env['UPDATE']) writeFileSync(file, `${JSON.stringify(current, null, 2)}\n`);
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(JSON.stringify(current)));
    assert.equal(source.split('\n')[0], '# yaml-language-server: $schema=./ftask.schema.json');
  });

  test("as the project's file does not hide what machine and user have set", async () => {
    const systemDir = folderWith({'ftask.yaml': 'tag: {value: staging}\nbackup: {tags: {Team: web}}\n'});
    const loaded = await loadConfig({cwd: packageRoot(), env: {}, homeDir: emptyFolder(), systemDir});
    assert.equal(loaded.values.tag.value, 'staging');
    assert.deepEqual(loaded.values.backup.tags, {Team: 'web'});
    assert.equal(loaded.origin('tag.name')?.layer, 'default');
    assert.ok(loaded.layers.some(({name, file, read}) => name === 'project' && file === example && read));
  });
});

function descriptionOf(path: readonly string[]): string | undefined {
  const schema = schemaAt(path);
  if (schema instanceof z.ZodPrefault && path.length === 1)
    return z.globalRegistry.get(schema.unwrap())?.description;
  return schema && z.globalRegistry.get(schema)?.description;
}

import assert from 'node:assert/strict';
import {symlinkSync} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {ConfigError, type ConfigSources, loadConfig} from '../../src/config/load.ts';
import {UsageError} from '../../src/errors.ts';
import {emptyFolder, folderWith} from './folder.ts';

describe('the layers of the configuration', () => {
  test('are the defaults of django_fabfile when nothing is configured', async () => {
    const {values, entries} = await load({});
    assert.deepEqual(values.tag, {name: 'Earmarking', value: 'production'});
    assert.equal(values.snapshot.timeout, 3_600_000);
    assert.ok(entries().every(({origin}) => origin.layer === 'default'));
  });

  test('win in the order machine, user, project, --config, environment, option', async () => {
    const profile = (name: string) => `aws: {profile: ${name}}\n`;
    const folder = folderWith({
      'etc/ftask.yaml': profile('machine'),
      'home/.config/ftask/ftask.yaml': profile('user'),
      'project/ftask.yaml': profile('project'),
      'named.yaml': profile('named'),
    });
    const steps: [Partial<ConfigSources>, string, string][] = [
      [{systemDir: join(folder, 'etc')}, 'machine', `${folder}/etc/ftask.yaml:1:7`],
      [{homeDir: join(folder, 'home')}, 'user', `${folder}/home/.config/ftask/ftask.yaml:1:7`],
      [{cwd: join(folder, 'project')}, 'project', `${folder}/project/ftask.yaml:1:7`],
      [{configFile: '../named.yaml'}, 'named', `${folder}/named.yaml:1:7`],
      [{env: {FTASK_AWS_PROFILE: 'environment'}}, 'environment', 'FTASK_AWS_PROFILE'],
      [{overrides: {'aws.profile': 'option'}}, 'option', 'option --profile'],
    ];
    let sources: Partial<ConfigSources> = {};
    for (const [more, expected, origin] of steps) {
      sources = {...sources, ...more};
      const loaded = await load(sources);
      assert.equal(loaded.values.aws.profile, expected);
      assert.equal(loaded.origin('aws.profile')?.text, origin);
    }
  });

  test('add to each other key by key, where a list replaces the earlier one', async () => {
    const {values} = await loadFiles({
      'etc/ftask.yaml':
        'aws: {regions: [eu-west-1, eu-west-2], concurrency: 7}\nbackup: {tags: {Team: a, Cost: b}}',
      'ftask.yaml': 'aws: {regions: [us-east-1]}\nbackup: {tags: {Team: c}}',
    });
    assert.deepEqual(values.aws.regions, ['us-east-1']);
    assert.equal(values.aws.concurrency, 7);
    assert.deepEqual(values.backup.tags, {Team: 'c', Cost: 'b'});
  });

  test('take back an earlier value with null, and an empty section takes nothing back', async () => {
    const {values} = await loadFiles({
      'etc/ftask.yaml': 'aws: {profile: admin}\nbackup: {tags: {Team: a}}\ntag: {value: staging}',
      'ftask.yaml': 'aws: {profile: null}\nbackup:\n  tags:\ntag:\n',
    });
    assert.equal(values.aws.profile, undefined);
    assert.deepEqual(values.backup.tags, {Team: 'a'});
    assert.equal(values.tag.value, 'staging');
  });

  test('tell which files were read, the weakest first', async () => {
    const folder = folderWith({'ftask.yaml': '# nothing yet\n'});
    const {layers} = await load({cwd: folder, configFile: 'ftask.yaml'});
    assert.deepEqual(
      layers.filter(({read}) => read).map(({name, file}) => [name, file]),
      [
        ['default', undefined],
        ['project', join(folder, 'ftask.yaml')],
        ['--config', join(folder, 'ftask.yaml')],
      ],
    );
  });
});

describe('the configuration file', () => {
  test('of the project is the nearest upward, at the top of its folder or in config/', async () => {
    const folder = folderWith({
      'ftask.yaml': 'tag: {value: outer}',
      'inner/config/ftask.yaml': 'tag: {value: inner}',
      'inner/deep/down/.keep': '',
      'other/.keep': '',
    });
    assert.equal((await load({cwd: join(folder, 'inner/deep/down')})).values.tag.value, 'inner');
    assert.equal((await load({cwd: join(folder, 'other')})).values.tag.value, 'outer');
  });

  test('of the project must be one', async () => {
    const folder = folderWith({'ftask.yaml': '', 'config/ftask.yaml': ''});
    assert.deepEqual(await problems({cwd: folder}), [
      `${folder}/ftask.yaml: exists beside ${folder}/config/ftask.yaml; keep one of them`,
    ]);
  });

  test('of the user is below XDG_CONFIG_HOME, unless that is relative', async () => {
    const folder = folderWith({
      'xdg/ftask/ftask.yaml': 'tag: {value: xdg}',
      '.config/ftask/ftask.yaml': 'tag: {value: home}',
    });
    const value = async (xdg: string) =>
      (await load({homeDir: folder, env: {XDG_CONFIG_HOME: xdg}})).values.tag.value;
    assert.equal(await value(join(folder, 'xdg')), 'xdg');
    assert.equal(await value('xdg'), 'home');
  });

  test('of --config must exist', async () => {
    const cwd = emptyFolder();
    assert.deepEqual(await problems({cwd, configFile: 'no.yaml'}), [
      `${cwd}/no.yaml: the file of --config does not exist`,
    ]);
  });

  test('is not there when what should be its folder is a file', async () => {
    const homeDir = join(folderWith({file: ''}), 'file');
    assert.equal((await load({homeDir})).values.tag.value, 'production');
  });

  test('that cannot be read is an error, not one that is missing', async () => {
    const cwd = emptyFolder();
    symlinkSync('ftask.yaml', join(cwd, 'loop.yaml'));
    symlinkSync('loop.yaml', join(cwd, 'ftask.yaml'));
    const [problem] = await problems({cwd, configFile: 'loop.yaml'});
    assert.match(problem ?? '', /loop\.yaml: cannot be read: ELOOP/);
  });
});

describe('a wrong configuration', () => {
  test('is a usage error that tells everything that is wrong, in all layers, at once', async () => {
    const folder = folderWith({
      'etc/ftask.yaml': 'tag: {nam: x}\n',
      'ftask.yaml': 'snapshot:\n  timeout: 60\n  retries: many\n',
    });
    await assert.rejects(
      load({
        cwd: folder,
        systemDir: join(folder, 'etc'),
        env: {FTASK_TAG_NAM: 'x'},
        overrides: {'aws.endpoint_url': 'nonsense'},
      }),
      (error) => {
        assert.ok(error instanceof ConfigError && error instanceof UsageError);
        const expected = [
          `${folder}/etc/ftask.yaml:1:7: tag.nam: unknown key; did you mean tag.name?`,
          `${folder}/ftask.yaml:2:12: snapshot.timeout: expected a duration such as 90s, 60m or 1h30m, got 60 (text needs quotes here)`,
          `${folder}/ftask.yaml:3:12: snapshot.retries: expected a whole number from 0 to 10, got "many"`,
          'FTASK_TAG_NAM: sets no known key; did you mean FTASK_TAG_NAME?',
          'option --endpoint-url: aws.endpoint_url: expected an address that starts with http:// or https://, got "nonsense"',
        ];
        assert.deepEqual(error.problems, expected);
        assert.equal(error.message, ['the configuration has 5 problems:', ...expected].join('\n  '));
        return true;
      },
    );
  });

  test('with a single problem is a single line', async () => {
    const cwd = folderWith({'ftask.yaml': 'profile: x\n'});
    await assert.rejects(load({cwd}), {
      message: `${cwd}/ftask.yaml:1:1: profile: unknown key; did you mean aws.profile?`,
    });
  });

  for (const [source, expected] of [
    ['- a', '1:1: expected a map of sections, got a list'],
    ['text', '1:1: expected a map of sections, got "text"'],
    ['tag: 5', '1:6: tag: expected a map of keys, got 5'],
    [
      'aws: {regions: {}}',
      '1:16: aws.regions: expected a list of regions such as [eu-west-1, us-east-1], got a map',
    ],
    [
      'aws: {regions: [eu]}',
      '1:17: aws.regions[1]: expected the name of a region such as eu-west-1, got "eu"',
    ],
    ['tag: {name: }', '1:13: tag.name: expected text, got null'],
    ['tag: {value: 12}', '1:14: tag.value: expected text, got 12 (text needs quotes here)'],
    ['backup: {exclude_boot: "no"}', '1:24: backup.exclude_boot: expected true or false, got "no"'],
    [
      'snapshot: {timeout: 0s}',
      '1:21: snapshot.timeout: expected a duration such as 90s, 60m or 1h30m, got "0s"',
    ],
    [
      'backup: {tags: {"aws:x": y}}',
      '1:17: backup.tags.aws:x: expected a tag key that does not start with aws: or ftask:, which are reserved',
    ],
    [
      'ec2: {limits: {createSnapshot: {burst: 1, per_second: 1}}}',
      '1:16: ec2.limits.createSnapshot: expected an action such as CreateSnapshots',
    ],
    [
      'ec2: {limits: {CopySnapshot: {burst: 1}}}',
      '1:30: ec2.limits.CopySnapshot.per_second: expected a number above 0, but it is missing',
    ],
    [
      'ec2: {limits: {CopySnapshot: {brust: 1, burst: 1, per_second: 1}}}',
      '1:31: ec2.limits.CopySnapshot.brust: unknown key; did you mean ec2.limits.CopySnapshot.burst?',
    ],
    [
      'consistency: {hosts: [{adress: auto}]}',
      '1:24: consistency.hosts[1].adress: unknown key; did you mean consistency.hosts[1].address?',
    ],
    [
      'consistency: {before: [{name: flush, run: sync, tag: Role}]}',
      '1:54: consistency.before[1].tag: expected a tag such as Role=database, got "Role"',
    ],
    [
      'zebra: 1',
      '1:1: zebra: unknown key; known here: tag, snapshot, backup, retention, consistency, replication, aws, ec2, temporary, hosts, ssh, sudo, journal, lab, fastdeploy_backup, apps',
    ],
    ['tag: {name: a}\ntag: {value: b}', '2:1: tag: is set twice'],
    ['tag:\n  name: a\n  name: b', '3:3: tag.name: is set twice'],
    ['tag: {name: a', '1:14: Flow map in block collection must be sufficiently indented and end with a }'],
    ['tag: {name: a}\n---\n', '2:1: a second document starts here (---); only one is allowed'],
    ['tag: &a {name: b}\naws: *a', '2:6: aliases (*name) are not supported; write the value out'],
    ['tag: {name: !env HOME}', '1:13: Unresolved tag: !env'],
  ] as const) {
    test(`is located: ${JSON.stringify(source)}`, async () => {
      const cwd = folderWith({'ftask.yaml': source});
      assert.deepEqual(await problems({cwd}), [`${cwd}/ftask.yaml:${expected}`]);
    });
  }

  test('names the variable of a wrong item in a list', async () => {
    assert.deepEqual(await problems({env: {FTASK_AWS_REGIONS: '[eu-west-1, eu]'}}), [
      'FTASK_AWS_REGIONS: aws.regions[2]: expected the name of a region such as eu-west-1, got "eu"',
    ]);
  });

  test('never shows the password in an address', async () => {
    const secret = 'aws: {endpoint_url: "ftp://me:hunter2@example.org/"}';
    const found = await problems({cwd: folderWith({'ftask.yaml': secret})});
    assert.match(found.join(), /ftp:\/\/\*+@example\.org/);
    assert.doesNotMatch(found.join(), /hunter2/);
  });
});

describe('the printed configuration', () => {
  test('has every key with its value as it was written and where it comes from', async () => {
    const cwd = folderWith({
      'ftask.yaml': 'backup:\n  tags:\n    cost.center: "4711"\nsnapshot:\n  timeout: 2h\n',
    });
    const entries = (await load({cwd})).entries();
    const shown = (key: string) => entries.find((entry) => entry.key === key);
    assert.deepEqual(shown('snapshot.timeout'), {
      key: 'snapshot.timeout',
      value: '2h',
      origin: {layer: 'project', text: `${cwd}/ftask.yaml:5:3`},
    });
    assert.equal(shown('backup.tags."cost.center"')?.origin.text, `${cwd}/ftask.yaml:3:5`);
    assert.deepEqual(shown('ec2.limits')?.value, {});
    assert.equal(shown('lab.file')?.value, null);
  });

  test('masks credentials in an address that the values still have', async () => {
    const loaded = await load({overrides: {'aws.endpoint_url': 'https://me:hunter2@example.org/x'}});
    assert.equal(loaded.values.aws.endpoint_url, 'https://me:hunter2@example.org/x');
    assert.doesNotMatch(JSON.stringify(loaded.entries()), /hunter2/);
  });
});

/** Loads with empty folders for what is not given. */
async function load(sources: Partial<ConfigSources>) {
  const folder = emptyFolder();
  return loadConfig({cwd: folder, homeDir: folder, systemDir: folder, env: {}, ...sources});
}

async function loadFiles(files: Readonly<Record<string, string>>) {
  const folder = folderWith(files);
  return load({cwd: folder, systemDir: join(folder, 'etc')});
}

async function problems(sources: Partial<ConfigSources>): Promise<readonly string[]> {
  const error = await load(sources).then(
    () => undefined,
    (rejected: unknown) => rejected,
  );
  assert.ok(error instanceof ConfigError, `expected a ConfigError, got ${error}`);
  return error.problems;
}

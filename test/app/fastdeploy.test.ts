import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {fastdeploy} from '../../src/app/fastdeploy.ts';
import {fastdeployBackup} from '../../src/config/fields/fastdeploy.ts';
import {configSchema} from '../../src/config/schema.ts';
import {fastdeployOptions, settingsOf} from '../../src/tasks/app/fastdeploy-options.ts';

const defaults = configSchema.parse({}).fastdeploy_backup;

const nothing = {
  runner_rsync_excludes: [],
  systemd_units: [],
  age_recipients: [],
  metadata_extra: {},
};

describe('FastDeploy', () => {
  test('is by default what the role backs up', () => {
    const application = fastdeploy(defaults, '/home/ana/backups/fastdeploy');
    const places = application.components.map((one) => {
      if (one.kind === 'postgres') return `${one.name}: ${one.database} by ${one.becomeUser}`;
      if (one.kind === 'tree') return `${one.name}: ${one.path} into ${one.into}`;
      return one.kind === 'files' ? `${one.name}: ${one.paths} into ${one.into}/${one.as ?? ''}` : one.kind;
    });
    assert.deepEqual(places, [
      'database: fastdeploy by postgres',
      'services_tree: /home/fastdeploy/site/services into services',
      'deploy_runners: /home/deploy/runners into deploy_runners',
      'env_file: /home/fastdeploy/site/.env into config/fastdeploy.env',
      'systemd_units: /etc/systemd/system/fastdeploy.service into systemd/',
      'traefik: /etc/traefik/dynamic/fastdeploy.yml into traefik/',
      'sudoers: /etc/sudoers.d/fastdeploy_* into sudoers/',
    ]);
    assert.deepEqual([application.root, application.prefix], ['/opt/backups/fastdeploy', 'manual']);
    assert.deepEqual(application.archive, {format: 'tar.gz', recipients: []});
    assert.deepEqual(application.services, [{kind: 'systemd', unit: 'fastdeploy.service'}]);
    assert.equal(application.diskRatio, 1.5);
  });

  test('follows its users and its site', () => {
    const {components, requires} = fastdeploy(
      {...defaults, user: 'fd', deploy_home: '/srv/deploy', include_workspace: true},
      '/x',
    );
    const paths = components.flatMap((one) => (one.kind === 'tree' ? [one.path] : []));
    assert.deepEqual(paths, ['/home/fd/site/services', '/srv/deploy/runners', '/srv/deploy/_workspace']);
    assert.deepEqual(requires, ['/home/fd/site']);
  });

  test('has an option for every key of the configuration, and no other', () => {
    assert.deepEqual(Object.keys(fastdeployOptions).sort(), Object.keys(fastdeployBackup.shape).sort());
  });

  test('is what the configuration says where no option is given', () => {
    assert.deepEqual(settingsOf(nothing, defaults), defaults);
  });

  test('is what an option says, the rest being as configured', () => {
    const given = {
      ...nothing,
      prefix: 'nightly',
      create_archive: false,
      systemd_units: ['/etc/systemd/system/a.service'],
    };
    const {prefix, create_archive, systemd_units, root} = settingsOf(given, {
      ...defaults,
      root: '/srv/backups',
    });
    assert.deepEqual(
      [prefix, create_archive, systemd_units, root],
      ['nightly', false, ['/etc/systemd/system/a.service'], '/srv/backups'],
    );
  });

  test('takes paths with a slash too many for what they are, and an empty host for none, as the role has it', () => {
    const said = {root: '/srv//backups/', site_path: '/', postgres_host: ''};
    const {root, site_path, postgres_host} = configSchema.parse({fastdeploy_backup: said}).fastdeploy_backup;
    assert.deepEqual([root, site_path, postgres_host], ['/srv/backups', '/', undefined]);
  });

  test('has no component for what its lists leave out', () => {
    const {components} = fastdeploy({...defaults, systemd_units: []}, '/x');
    assert.ok(components.every(({name}) => name !== 'systemd_units'));
    const settings = {...defaults, systemd_units: [], include_logs: true};
    assert.throws(() => fastdeploy(settings, '/x'), {code: 'NoUnit'});
  });

  test('takes no value from an option that the configuration would not take', () => {
    assert.throws(() => settingsOf({...nothing, prefix: '../x', site_path: 'site'}, defaults), {
      code: 'BadOption',
      message:
        /^--site-path: expected a path .*; --prefix: |^--prefix: expected letters.*; --site-path: expected a path/,
    });
  });

  for (const logs_output of ['/etc/cron.d/x', '../x', 'metadata.yml', 'database/x', '']) {
    test(`keeps its journal in the snapshot, not in ${logs_output || 'nothing'}`, () => {
      assert.throws(() => settingsOf({...nothing, logs_output}, defaults), {
        code: 'BadOption',
        message: /^--logs-output: /,
      });
    });
  }

  test('keeps its journal in a place of its own', () => {
    const settings = {...defaults, include_logs: true, logs_output: 'services/x'};
    assert.throws(() => fastdeploy(settings, '/x'), {code: 'SamePlace'});
    assert.equal(fastdeploy({...settings, logs_output: 'config/x'}, '/x').components.at(-1)?.kind, 'journal');
  });

  for (const text of ['-xTd*', '--exclude-table=file', '-vOx', '--encoding=UTF8']) {
    test(`gives pg_dump what is not: ${text}`, () => {
      const [database] = fastdeploy({...defaults, postgres_dump_options: text}, '/x').components;
      assert.deepEqual(database?.kind === 'postgres' && database.options, [text]);
    });
  }

  for (const text of [
    '--file=/tmp/x',
    '-f/tmp/x',
    '--fil=/tmp/x',
    '-Fc',
    '--format=c',
    '--password',
    '--snapshot=1',
    'table',
    '-h db1',
    '--db=other',
    '-xOdother',
    '-vf/tmp/x',
    '-xC',
    '--create',
    '-Z9',
    '--compress=9',
  ]) {
    test(`leaves to ftask what is its own: ${text}`, () => {
      assert.throws(() => fastdeploy({...defaults, postgres_dump_options: text}, '/x'), {
        code: 'BadDumpOption',
      });
    });
  }
});

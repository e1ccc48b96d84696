import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {parse} from 'yaml';
import {type Metadata, readMetadata, writeMetadata} from '../../../src/app/snapshot/metadata.ts';

const metadata: Metadata = {
  timestamp: '20261121T190256Z',
  host: 'deploy1',
  hostname: 'ip-10-0-0-7',
  application: 'fastdeploy',
  version: '0.4.2',
  backupDir: '/opt/backups/fastdeploy/manual-20261121T190256Z',
  components: {
    database: {
      captured: true,
      files: 1,
      bytes: 7,
      moment: '2026-11-21T19:02:57.000Z',
      rows: {services_service: 2},
    },
    deploy_workspace: {captured: false},
  },
  postgres: {
    database: 'fastdeploy',
    host: '',
    port: 5432,
    options: '--clean --if-exists --no-owner',
    format: 'plain',
    rows: {services_service: 2},
  },
  counts: {services: 2, deploy_runners: 0},
  archive: {create: true, format: 'tar.gz', encrypted: false},
  diskOverheadRatio: 1.5,
  tool: {name: 'ftask', version: '0.1.0'},
  extra: {safety_backup: true},
};

describe('metadata.yml', () => {
  test('gives back what was written', () => {
    assert.deepEqual(readMetadata(writeMetadata(metadata), 'x'), metadata);
  });

  test('gives back any text, whatever YAML could take it for', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({unit: 'binary'}), (version, host) => {
        const odd = {...metadata, version, host};
        assert.deepEqual(readMetadata(writeMetadata(odd), 'x'), odd);
      }),
    );
  });

  test("has the role's keys in the role's places", () => {
    const raw = parse(writeMetadata(metadata));
    assert.equal(raw.fastdeploy_version, '0.4.2');
    assert.equal(raw.backup_dir, metadata.backupDir);
    assert.equal(raw.components.deploy_workspace, false);
    assert.equal(raw.components.sops_key_included, false);
    assert.equal(raw.services.count, 2);
    assert.deepEqual(raw.archive, {create: true, format: 'tar.gz', encrypted: false});
    assert.equal(raw.postgres.options, '--clean --if-exists --no-owner');
    assert.equal(raw.disk_overhead_ratio, 1.5);
  });

  test('of the role is read, too', () => {
    const read = readMetadata(ROLE, 'x');
    assert.equal(read.timestamp, '20240102T030405');
    assert.equal(read.version, '0.1.0');
    assert.equal(read.application, 'fastdeploy');
    assert.equal(read.components['database']?.captured, true);
    assert.deepEqual(read.components['deploy_workspace'], {captured: false});
    assert.deepEqual(read.counts, {services: 2, deploy_runners: 1});
    assert.equal(read.archive.format, 'tar.gz');
  });

  for (const text of ['', '[]', 'timestamp: soon', '{', 'timestamp: 20261321T190256Z']) {
    test(`is not ${JSON.stringify(text)}`, () => {
      assert.throws(() => readMetadata(text, 'a/metadata.yml'), {
        code: 'BadMetadata',
        message: /^a\/metadata.yml: /,
      });
    });
  }
});

const ROLE = `timestamp: "20240102T030405"
host: deploy1
backup_dir: /opt/backups/fastdeploy/manual-20240102T030405
fastdeploy_version: 0.1.0
components:
  database: true
  services_tree: true
  deploy_runners: true
  deploy_workspace: false
  sops_key_included: false
postgres: {database: fastdeploy, host: "", port: 5432, options: --clean --if-exists --no-owner}
services: {count: 2}
deploy_runners: {count: 1}
archive: {create: true, format: tar.gz}
disk_overhead_ratio: 1.5
extra: {}
`;

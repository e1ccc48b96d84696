/** `ftask fastdeploy_backup` with retention, of several hosts at once: what stays, what goes, and what is told of it. */
import assert from 'node:assert/strict';
import {copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {before, describe, test} from 'node:test';
import {noSite, type Site, startSite} from '../../app/site/site.ts';
import type {HostsHome} from '../hosts/home.ts';
import {appHome} from './home.ts';

const ROOT = '/opt/backups/fastdeploy';
const POLICY = ['--keep', 'daily=2', '--keep-local', 'few'];
const CONFIG = `
journal: {file: journal.jsonl}
retention: {min_keep: 1, max_delete_percent: 80, policies: {few: daily=1}}
`;

interface Row {
  readonly host: string;
  readonly snapshot: string;
  readonly archive: string | null;
  readonly bytes: number;
  readonly file: string | null;
  readonly removed: readonly string[];
}

describe('ftask fastdeploy_backup with retention', {skip: noSite}, () => {
  let sites: readonly Site[];
  let home: HostsHome;
  before(async () => {
    sites = await Promise.all(['web1', 'web2'].map((name) => startSite({name})));
    home = await appHome(
      sites.map(({host}) => host),
      {'ftask.yaml': CONFIG},
    );
  });

  const backUp = (hosts: string, ...words: string[]) =>
    home.run('-H', hosts, '--json', 'fastdeploy_backup', ...words);
  const rowsOf = (stdout: string): Row[] => JSON.parse(stdout).tasks[0].result;
  const namesOn = async (site: Site | undefined) =>
    (await site?.host.sh(`ls ${ROOT}`))?.split('\n').filter((name) => name !== '') ?? [];
  const journal = () =>
    readFileSync(join(home.folder, 'journal.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  /** Copies a snapshot and its archives to days before, as if it had been made then. */
  const age = async (site: Site, {snapshot, file}: Row, day: string) => {
    const [made, older] = [basename(snapshot), `manual-${day}T030000Z`];
    await site.host.sh(`cd ${ROOT}; cp -a ${made} ${older}; cp -a ${made}.tar.gz ${older}.tar.gz
      cp -a ${made}.tar.gz.sha256 ${older}.tar.gz.sha256
      sed -i 's/^timestamp: .*/timestamp: ${day}T030000Z/' ${older}/metadata.yml`);
    const here = dirname(file ?? '');
    copyFileSync(file ?? '', join(here, `${older}.tar.gz`));
    for (const end of ['.sha256', '.json']) {
      const text = readFileSync(`${file}${end}`, 'utf8').replaceAll(made, older);
      writeFileSync(join(here, `${older}.tar.gz${end}`), text);
    }
  };

  test('has a folder for each of several hosts here, and a record of each in the journal', async () => {
    const {code, stdout, stderr} = await backUp('web1,web2');
    assert.equal(code, 0, stderr);
    const rows = rowsOf(stdout);
    assert.deepEqual(
      rows.map(({host}) => host),
      ['web1', 'web2'],
    );
    for (const {host, file, snapshot} of rows) {
      const local = join(home.folder, 'backups/fastdeploy', host);
      assert.equal(file, join(local, `${basename(snapshot)}.tar.gz`));
      assert.equal(JSON.parse(readFileSync(`${file}.json`, 'utf8')).host, host);
    }
    const records = journal().filter(({kind}) => kind === 'app-backup');
    assert.deepEqual(
      records
        .map(({host, application, snapshot, sha256}) => ({host, application, snapshot, sha256}))
        .sort((a, b) => (a.host < b.host ? -1 : 1)),
      rows.map(({host, snapshot, ...row}) => ({
        host,
        application: 'fastdeploy',
        snapshot,
        sha256: 'sha256' in row ? row.sha256 : '',
      })),
    );
    assert.ok(records.every(({at, run}) => Date.parse(at) > 0 && run === records[0].run));
  });

  test('backs up the others when one host fails, and tells of all', async () => {
    await sites[1]?.host.sh('mv /home/fastdeploy/site/.env /root/kept.env');
    const {code, stdout} = await backUp('web1,web2', '--no-fetch-local');
    await sites[1]?.host.sh('mv /root/kept.env /home/fastdeploy/site/.env');
    assert.equal(code, 3);
    assert.deepEqual(
      rowsOf(stdout).map(({host, file}) => ({host, file})),
      [{host: 'web1', file: null}],
    );
    assert.match(stdout, /web2: fastdeploy cannot be backed up: env_file: there is no file/);
    const failed = journal().filter(({result}) => result === 'failed');
    assert.deepEqual(
      failed.map(({kind, host, error}) => ({kind, host, code: error.code})),
      [{kind: 'app-backup', host: 'web2', code: 'Missing'}],
    );
  });

  test('makes the folder alone when neither an archive nor a copy of it is wanted', async () => {
    const words = ['--no-create-archive', '--no-fetch-local', '--prefix', 'plain'];
    const {code, stdout, stderr} = await backUp('web1', ...words);
    assert.equal(code, 0, stderr);
    const [row] = rowsOf(stdout);
    assert.deepEqual({archive: row?.archive, file: row?.file}, {archive: null, file: null});
    assert.deepEqual(
      (await namesOn(sites[0])).filter((name) => name.startsWith('plain')),
      [basename(row?.snapshot ?? '')],
    );
    const text = await home.run('-H', 'web1', 'fastdeploy_backup', ...words);
    assert.match(text.stdout, new RegExp(`^web1:${ROOT}/plain-\\d{8}T\\d{6}Z\n$`));
  });

  test('tells in a dry run what would go, and then removes that and nothing else', async () => {
    const {stdout} = await backUp('web1', '--prefix', 'manual');
    const [row] = rowsOf(stdout);
    const [site] = sites;
    assert.ok(row && site);
    for (const day of ['20260101', '20260301', '20260302']) await age(site, row, day);
    await site.host.sh(`echo audit >${ROOT}/manual-20260101T030000Z.pin; mkdir ${ROOT}/notes`);
    const local = dirname(row.file ?? '');
    mkdirSync(join(local, 'notes'));
    const before = [await namesOn(site), readdirSync(local)];
    const dry = await home.run('-H', 'web1', 'fastdeploy_backup', '--dry-run', ...POLICY);
    assert.equal(dry.code, 0, dry.stderr);
    assert.deepEqual([await namesOn(site), readdirSync(local)], before);
    assert.match(
      dry.stderr,
      /would remove manual-20260301T030000Z from \/opt\/backups\/fastdeploy \(\d.*\): before the 2 days/,
    );
    assert.match(
      dry.stderr,
      /manual-20260101T030000Z stays in \/opt\/backups\/fastdeploy: held: pinned: audit/,
    );

    const real = await backUp('web1', ...POLICY);
    assert.equal(real.code, 0, `${real.stdout}${real.stderr}`);
    const [made] = rowsOf(real.stdout);
    const told = [...dry.stderr.matchAll(/would remove (\S+) from (\S+)/g)].map(
      ([, name, from]) => `${from}/${name}`,
    );
    assert.deepEqual(
      made?.removed.map((place) => place.replace(/^web1:/, '')),
      told,
    );
    assert.equal(told.length, 2 + 3);
    const left = await namesOn(site);
    assert.ok(
      ['notes', 'manual-20260101T030000Z', 'manual-20260101T030000Z.tar.gz'].every((name) =>
        left.includes(name),
      ),
    );
    assert.ok(!left.some((name) => /2026030[12]/.test(name)));
    const here = readdirSync(local);
    assert.ok(here.includes('notes') && !here.some((name) => /2026(0101|030[12])/.test(name)));
    assert.ok(existsSync(made?.file ?? ''));
    const removals = journal().filter(({kind}) => kind === 'app-backup-removal');
    assert.equal(removals.length, told.length);
    await site.host.sh(`cd ${made?.snapshot}; sha256sum -c --quiet manifest.sha256`);
  });

  test('fails in part when too much would go, with the backup there', async () => {
    const [site] = sites;
    const before = await namesOn(site);
    const words = ['--keep', 'daily=1', '--prefix', 'manual'];
    writeFileSync(join(home.folder, 'strict.yaml'), CONFIG.replace('80', '1'));
    await age(site as Site, rowsOf((await backUp('web1')).stdout)[0] as Row, '20260401');
    const {code, stdout} = await home.run(
      '--config',
      'strict.yaml',
      '-H',
      'web1',
      '--json',
      'fastdeploy_backup',
      ...words,
    );
    assert.equal(code, 3);
    assert.match(
      stdout,
      /snapshots in web1:\/opt\/backups\/fastdeploy would be removed, more than 1 percent; all stay/,
    );
    const [row] = rowsOf(stdout);
    const after = await namesOn(site);
    assert.ok(before.every((name) => after.includes(name)));
    assert.ok(after.includes(basename(row?.snapshot ?? '')));
  });
});

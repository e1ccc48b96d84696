/** `npm run demo:fastdeploy` shows a site that is lost and comes back, and leaves nothing. */
import assert from 'node:assert/strict';
import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {promisify, stripVTControlCharacters} from 'node:util';
import {noSite} from '../app/site/site.ts';
import {emptyFolder} from '../e2e/ftask.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const DEMO = ['--import', 'tsx', 'test/demo/fastdeploy.ts'];

describe('npm run demo:fastdeploy', () => {
  test('backs a site up, verifies, wipes and restores it, readable at 80 columns', {
    skip: noSite,
  }, async () => {
    const folder = await emptyFolder();
    const command = 'stty cols 80; npm run --silent demo:fastdeploy';
    const {stdout} = await run('script', ['-qec', command, '/dev/null'], {
      cwd: root,
      env: {...process.env, TMPDIR: folder, TERM: 'xterm'},
    });
    const shown = stripVTControlCharacters(stdout).replaceAll('\r', '');
    const typed = [...shown.matchAll(/^\$ ftask -H deploy1 (?!run)(.*)/gm)].map(([, words]) => words);
    assert.deepEqual(typed, [
      'fastdeploy_backup',
      'app_verify --app fastdeploy',
      'fastdeploy_restore --dry-run',
      'fastdeploy_restore --yes',
    ]);
    const [before, wiped, after, ...more] = [
      ...shown.matchAll(/^ *(health .*\n *database .*\n *files .*)/gm),
    ];
    assert.match(before?.[1] ?? '', /200\n.* 4 services, 202 deployments/);
    assert.match(wiped?.[1] ?? '', /000\n.* none\n.* none$/);
    assert.equal(after?.[1], before?.[1]);
    assert.deepEqual(more, []);
    assert.match(shown, /^Equal, /m);
    const table = shown.split('\n').filter((line) => /^(host|deploy1) {2}/.test(line));
    assert.ok(table.length >= 6 && table.every((line) => line.length <= 80), table.join('\n'));
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('ftask-')),
      [],
    );
  });

  test('removes everything on Ctrl-C', {skip: noSite}, async () => {
    const folder = await emptyFolder();
    const child = spawn(process.execPath, DEMO, {
      cwd: root,
      env: {...process.env, TMPDIR: folder},
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let shown = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      const hadStarted = said.includes('deploy1 started');
      said += text;
      if (!hadStarted && said.includes('deploy1 started')) child.kill('SIGINT');
    });
    assert.deepEqual(await once(child, 'close'), [130, null]);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('ftask-')),
      [],
    );
    assert.doesNotMatch(shown, /app_verify/);
  });

  test('removes everything when nobody reads it any more', {skip: noSite}, async () => {
    const folder = await emptyFolder();
    const child = spawn(process.execPath, DEMO, {
      cwd: root,
      env: {...process.env, TMPDIR: folder},
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    child.stderr.destroy();
    await once(child, 'close');
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('ftask-')),
      [],
    );
  });

  test('names what it lacks, in one line', async () => {
    const env = {...process.env, PATH: await emptyFolder()};
    await assert.rejects(run(process.execPath, DEMO, {cwd: root, env}), {
      code: 2,
      stderr: /^demo:fastdeploy needs (?=.*\brsync\b).*; on Debian: apt install .*\n$/,
    });
  });
});

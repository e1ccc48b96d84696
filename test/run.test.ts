import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {after, describe, test} from 'node:test';
import {fileURLToPath} from 'node:url';

const runner = fileURLToPath(new URL('run.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ftask-run-'));
after(() => rmSync(folder, {recursive: true, force: true}));

const good = `import {test} from 'node:test'; test('adds', () => {}); test('subtracts', () => {});`;
const bad = `import {describe, test} from 'node:test';
describe('sums', () => { test('are right', () => {}); test('are wrong', () => { throw new Error('one and one is three'); }); });`;
const skipping = `import {describe, test} from 'node:test';
describe('a mount', {skip: 'needs root'}, () => { test('is made', () => {}); });
test('a host', (t) => t.skip('needs sshd'));`;

describe('the test runner', () => {
  test('counts what passed', () => {
    const {status, lines} = runTests({'a.test.ts': good, 'deep/b.test.ts': good});
    assert.equal(lines.at(-1), '4 passed, 0 failed, 0 skipped');
    assert.equal(status, 0);
  });

  test('runs only the files that are asked for', () => {
    const {status, lines} = runTests({'a.test.ts': good, 'deep/b.test.ts': bad}, ['/a.']);
    assert.equal(lines.at(-1), '2 passed, 0 failed, 0 skipped');
    assert.equal(status, 0);
  });

  test('leaves the benchmarks out', () => {
    assert.equal(runTests({'a.test.ts': good, 'bench/b.test.ts': bad}).status, 0);
  });

  test('fails with the error and the name of what failed', () => {
    const {status, lines} = runTests({'a.test.ts': bad});
    assert.equal(lines.at(-1), '1 passed, 1 failed, 0 skipped');
    assert.ok(lines.includes('  test/a.test.ts: are wrong'));
    assert.ok(lines.some((line) => line.includes('one and one is three')));
    assert.equal(status, 1);
  });

  test('tells what was skipped and why, which is a failure in CI', () => {
    const files = {'a.test.ts': good, 'b.test.ts': skipping};
    const {status, lines} = runTests(files);
    assert.equal(lines.at(-1), '2 passed, 0 failed, 2 skipped');
    assert.ok(lines.includes('  test/b.test.ts: a mount (needs root)'));
    assert.ok(lines.includes('  test/b.test.ts: a host (needs sshd)'));
    assert.equal(status, 0);
    assert.equal(runTests(files, [], {CI: 'true'}).status, 1);
  });

  for (const [title, files] of [
    ['there is no test file', {}],
    ['a file has no tests', {'a.test.ts': good, 'b.test.ts': ''}],
    ['a file does not parse', {'a.test.ts': good, 'b.test.ts': 'const = 5;'}],
    ['a file dies after its tests', {'a.test.ts': `${good}; setTimeout(() => process.exit(7), 50);`}],
    ['every test is skipped', {'a.test.ts': skipping}],
  ] as const) {
    test(`fails when ${title}`, () => assert.equal(runTests(files).status, 1));
  }
});

function runTests(files: Readonly<Record<string, string>>, args: readonly string[] = [], env = {}) {
  rmSync(join(folder, 'test'), {recursive: true, force: true});
  mkdirSync(join(folder, 'test'));
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, 'test', path)), {recursive: true});
    writeFileSync(join(folder, 'test', path), source);
  }
  // NODE_TEST_CONTEXT would make a runner inside a runner report nothing.
  const {NODE_TEST_CONTEXT: _, CI: __, ...outer} = process.env;
  const {status, stdout} = spawnSync(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), runner, ...args],
    {
      cwd: folder,
      env: {...outer, ...env},
      encoding: 'utf8',
    },
  );
  return {status, lines: stdout.trimEnd().split('\n')};
}

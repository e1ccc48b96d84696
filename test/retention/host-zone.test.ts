/** The zone of the machine makes no difference: what holds here holds in machines elsewhere. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {promisify} from 'node:util';

const FILES = ['invariants', 'model', 'known-bugs', 'reasons', 'zone'].map((name) =>
  join(import.meta.dirname, `${name}.test.ts`),
);

describe('on a machine in', {concurrency: 2}, () => {
  for (const zone of ['UTC', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia']) {
    test(`${zone} every invariant holds`, async () => {
      assert.equal(await runNode(zone, ['-p', 'Intl.DateTimeFormat().resolvedOptions().timeZone']), zone);
      const report = await runNode(zone, ['--import', 'tsx', '--test', ...FILES]);
      assert.match(report, /^# pass \d{2,}$/m);
      assert.match(report, /^# fail 0$/m);
    });
  }
});

async function runNode(zone: string, args: readonly string[]): Promise<string> {
  // Under this one a child would report to our own test runner.
  const {NODE_TEST_CONTEXT: _, ...env} = process.env;
  const {stdout} = await promisify(execFile)(process.execPath, args, {env: {...env, TZ: zone}});
  return stdout.trim();
}

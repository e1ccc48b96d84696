import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {folded} from '../../../src/fleet/output/folded.ts';
import type {EndedHost} from '../../../src/fleet/output/host-output.ts';
import {outlet} from './outlets.ts';

async function fold(
  hosts: readonly (Partial<EndedHost> & {host: string; out?: string; err?: string})[],
  isTerminal = false,
  selected = hosts.map(({host}) => host),
) {
  const [out, err] = [outlet(isTerminal), outlet(isTerminal)];
  const shown = folded({out, err}, selected);
  for (const {host, out: stdout = '', err: stderr = '', ...ended} of hosts) {
    if (stdout) await shown.take(host, 'stdout', Buffer.from(stdout));
    if (stderr) await shown.take(host, 'stderr', Buffer.from(stderr));
    await shown.end({host, code: 0, signal: null, seconds: 1, ...ended});
  }
  assert.equal(out.text() + err.text(), '', 'nothing is shown before the end');
  await shown.finish();
  return {out: out.text(), err: err.text()};
}

describe('hosts with equal output', () => {
  test('are one block, the largest first', async () => {
    const {out} = await fold([
      {host: 'web1', out: 'b\n'},
      {host: 'web2', out: 'a\n  c\n'},
      {host: 'web3', out: 'a\n  c\n'},
    ]);
    assert.equal(out, 'web[2-3] (2)\n  a\n    c\n\nweb1 (1)\n  b\n');
  });

  test('are named in the order in which they were selected, and so are blocks of one size', async () => {
    const ended = ['db1', 'web2', 'db2', 'web1'].map((host) => ({host, out: `${host.slice(0, 2)}\n`}));
    const {out} = await fold(ended, false, ['web1', 'web2', 'db2', 'db1']);
    assert.equal(out, 'web[1-2] (2)\n  we\n\ndb[1-2] (2)\n  db\n');
    const mixed = ['db1', 'web1'].map((host) => ({host, out: 'same\n'}));
    assert.equal((await fold(mixed, false, ['web1', 'db1'])).out, 'web1,db1 (2)\n  same\n');
  });

  test('are apart when their exit codes or errors differ', async () => {
    const {out} = await fold([
      {host: 'web1', out: 'a\n'},
      {host: 'web2', out: 'a\n', code: 2},
      {host: 'web3', out: 'a\n', code: null, signal: 'KILL'},
      {host: 'web4', out: 'a\n', code: null, error: 'web4: the connection is lost'},
    ]);
    assert.deepEqual(
      out.split('\n').filter((line) => line.startsWith('web')),
      ['web1 (1)', 'web2 (1): exit code 2', 'web3 (1): ended by signal KILL', 'web4 (1): failed'],
    );
  });

  test('have their errors on stderr', async () => {
    const {out, err} = await fold([
      {host: 'web1', out: 'a\n', err: 'x\n'},
      {host: 'web2', err: 'y\n'},
    ]);
    assert.equal(out, 'web1 (1)\n  a\n');
    assert.equal(err, '  x\n\nweb2 (1)\n  y\n');
  });

  test('cannot command a terminal, and keep their indentation', async () => {
    const {out} = await fold([{host: 'web1', out: '\t\u001b[2Jx \n'}], true);
    assert.equal(out, 'web1 (1)\n  \tx\n');
  });
});

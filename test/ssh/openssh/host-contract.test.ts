/** A host over the program ssh is a host like any other. */
import {before, describe} from 'node:test';
import {shellHost} from '../../../src/host/exec/shell-host.ts';
import {parseTarget} from '../../../src/ssh/target.ts';
import {hostContract} from '../../host/contract.ts';
import {poolOf, type TestPool} from '../pools.ts';
import {noSshd, startSshd} from '../sshd.ts';

describe('over the program ssh', {skip: noSshd}, () => {
  let pool: TestPool;
  before(async () => {
    // Without a home, bash is up at once.
    const sshd = await startSshd({config: ['SetEnv HOME=/nonexistent']});
    pool = await poolOf(await sshd.clientConfig({direct: '127.0.0.1'}), {env: process.env});
  });

  const transport = () => pool.transport(parseTarget('direct'), 'openssh');
  hostContract('openssh', async (settings) => shellHost('direct', transport(), settings), {
    hasTerminals: true,
    tellsSignals: true,
  });
});

/** A host over ssh2 is a host like any other, directly and behind a bastion. */
import {before, describe} from 'node:test';
import {shellHost} from '../../src/host/exec/shell-host.ts';
import {hostContract} from '../host/contract.ts';
import {poolOf, type TestPool} from './pools.ts';
import {noSshd, notRoot, startSshd} from './sshd.ts';

describe('over ssh2', {skip: noSshd || notRoot}, () => {
  let pool: TestPool;
  before(async () => {
    const sshd = await startSshd();
    const bastion = await startSshd();
    const config = await sshd.clientConfig({direct: '127.0.0.1', behind: '127.0.0.2'}, [
      // Starting bash with this machine's own profile takes longer than all the rest.
      `ProxyJump ${'none'}`,
    ]);
    pool = await poolOf(config);
    void bastion;
  });
  hostContract('ssh2', async (settings) => shellHost('direct', pool.to('direct'), settings), {
    hasTerminals: true,
    tellsSignals: true,
  });
});

/** Files move on this machine as they do anywhere. */
import {shellHost} from '../../../src/host/exec/shell-host.ts';
import {localTransport} from '../../../src/host/local.ts';
import {transferContract} from './contract.ts';

transferContract('this machine', async () =>
  shellHost('localhost', localTransport(), {
    signal: new AbortController().signal,
    timeoutMs: 60_000,
    graceMs: 500,
  }),
);

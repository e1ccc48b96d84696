/** This machine is a host like any other. */
import {shellHost} from '../../src/host/exec/shell-host.ts';
import {localTransport} from '../../src/host/local.ts';
import {hostContract} from './contract.ts';

hostContract('this machine', async (settings) => shellHost('localhost', localTransport(), settings), {
  hasTerminals: false,
  tellsSignals: true,
});

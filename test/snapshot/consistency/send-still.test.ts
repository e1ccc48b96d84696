/** What is told of a host that freezes but does not thaw. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {sendStill} from '../../../src/snapshot/consistency/send-still.ts';
import {noDevices} from '../../disk/devices.ts';
import {untilThawed} from '../../disk/freeze/disks.ts';
import {hostThatCannotThaw} from '../../disk/freeze/root-disk.ts';
import {failureOf} from '../../host/failure-of.ts';

test('what cannot be thawed is told even when the request fails', {skip: noDevices}, async () => {
  const {host, folder, repair} = await hostThatCannotThaw();
  const told: string[] = [];
  const still = {
    host,
    frozen: ['/'],
    synced: [],
    timeoutMs: 60_000,
    signal: new AbortController().signal,
    warn: (text: string) => void told.push(text),
  };
  const refusal = new Error('AWS said no');
  assert.equal(await failureOf(sendStill(still, () => Promise.reject(refusal))), refusal);
  assert.deepEqual(told, [
    'chroot: it cannot thaw /, and tries on for a minute; look at the disk; then, as root there: fsfreeze --unfreeze /',
  ]);
  await repair();
  await untilThawed(folder);
});

/** A process that freezes on this machine: says `frozen`, thaws when it reads a line, then says what was reported. */
import {once} from 'node:events';
import {freeze} from '../../../src/disk/freeze/freezer.ts';
import {localHost} from '../devices.ts';

const [mountPoint = '', timeoutMs] = process.argv.slice(2);
const frozen = await freeze(localHost(), {
  mountPoints: [mountPoint],
  timeoutMs: Number(timeoutMs),
  sync: false,
});
process.stdout.write('frozen\n');
await once(process.stdin, 'data');
process.stdout.write(JSON.stringify(await frozen.thaw()));
process.exit();

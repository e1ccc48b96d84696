/** `npm run bench [start|fleet|boto3|growth|hosts|latency|transfer|lab|freeze|retention|trim|replicate|mountpoints|encrypted|applications ...]`: speed, as ratios against peers measured in the same minute. */
import {whyMissing} from '../venv.ts';
import {benchApplications} from './applications.ts';
import {benchEncrypted} from './encrypted.ts';
import {benchBoto3, benchFleet, benchGrowth} from './fleet.ts';
import {benchHosts} from './hosts.ts';
import {benchFreeze, benchLab} from './lab.ts';
import {benchLatency} from './latency.ts';
import {benchMountpoints} from './mountpoints.ts';
import {benchReplicate} from './replicate.ts';
import {benchRetention} from './retention.ts';
import {benchStart} from './start.ts';
import {benchTransfer} from './transfer.ts';
import {benchTrim} from './trim.ts';

const parts = {
  start: benchStart,
  fleet: () => benchFleet(),
  boto3: benchBoto3,
  growth: benchGrowth,
  hosts: benchHosts,
  latency: benchLatency,
  transfer: benchTransfer,
  lab: benchLab,
  freeze: benchFreeze,
  retention: benchRetention,
  trim: benchTrim,
  replicate: benchReplicate,
  mountpoints: benchMountpoints,
  encrypted: benchEncrypted,
  applications: benchApplications,
};
const chosen = process.argv.slice(2);

let ok = true;
for (const peer of ['fabric', 'aws', 'fleet', 'custodian'] as const) {
  const problem = await whyMissing(peer);
  if (problem !== undefined) throw new Error(problem);
}
for (const [name, bench] of Object.entries(parts)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  process.stdout.write(`${name}\n`);
  ok = (await bench()) && ok;
}
process.exitCode = ok ? 0 : 1;

/** `decide-many.ts COUNT ZONE`: decides once on so many snapshots, 100 a lineage, and prints the seconds it took. */
import {decide, type Item} from '../../src/retention/decide.ts';
import {DEFAULT_COUNTS} from '../../src/retention/policy.ts';
import {mixedHistory, type Snapshot} from './mixed-history.ts';

const [count = '', zone = 'UTC'] = process.argv.slice(2);
const policy = {kind: 'tiers', counts: DEFAULT_COUNTS} as const;

// What a warm process needs is wanted: small counts would measure the compiler.
for (let turn = 0; turn < 20; turn += 1) run(1000);
process.stdout.write(`${run(Number(count))}\n`);

function run(total: number): number {
  const history = mixedHistory(total);
  const items = history.snapshots.map(itemOf);
  const {nowMs} = history;
  const from = performance.now();
  const decisions = decide(items, {nowMs, zone, minKeep: 3, minAgeMs: 3_600_000, policyOf: () => policy});
  const seconds = (performance.now() - from) / 1000;
  const deleted = decisions.filter(({verdict}) => verdict === 'delete').length;
  if (deleted < total / 2) throw new Error(`only ${deleted} of ${total} would be deleted`);
  return seconds;
}

/** Each string is its own and in one piece, as in a parsed answer of AWS. */
function itemOf({volume, timeMs}: Snapshot, index: number): Item {
  return {
    id: ['snap', index].join('-'),
    lineage: ['vol', volume].join('-'),
    timeMs,
    isBackup: true,
    set: ['20260101T000000Z-5eeded/0/i', volume, timeMs].join('-'),
    holds: [],
  };
}

/** How fast it is decided what to keep, as histories grow; restic's forget and boto's rule on the same times beside it. */
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {forgetWords, noRestic} from '../retention/restic.ts';
import {PASSWORD, writeRepository} from '../retention/restic-repository.ts';
import {measure, median, type Run} from './measure.ts';
import {mixedHistory} from './mixed-history.ts';
import {report} from './report.ts';

const DECIDE = ['--import', 'tsx', join(import.meta.dirname, 'decide-many.ts')];
const BOTO = join(import.meta.dirname, 'boto-trim.py');
const MILLION = 1_000_000;
const RUNS = 5;
/** A file of restic's is a snapshot: more than this would time the disk. */
const RESTIC_MOST = 100_000;

/** Returns whether a million snapshots are decided on within 2 s and 1 GB, in UTC and in a zone with summer time. */
export async function benchRetention(): Promise<boolean> {
  const results: boolean[] = [];
  for (const zone of ['UTC', 'America/New_York']) {
    const {seconds, peakMB} = await decided(MILLION, zone);
    results.push(report({what: `1,000,000 snapshots in ${zone}`, value: seconds, unit: 's', atMost: 2}));
    results.push(
      report({what: '  peak memory, snapshots included', value: peakMB, unit: 'MB', atMost: 1000}),
    );
  }
  for (const count of [1_000, 10_000, 100_000, MILLION]) {
    const {seconds} = await decided(count, 'UTC');
    report({what: `${count} snapshots`, value: seconds * 1000, unit: 'ms'});
    report({what: '  for each n log n', value: (seconds * 1e9) / (count * Math.log2(count)), unit: 'ns'});
    await besidePeers(count);
  }
  return results.every(Boolean);
}

async function decided(count: number, zone: string): Promise<{seconds: number; peakMB: number}> {
  const runs: Run[] = [];
  for (let turn = 0; turn < RUNS; turn += 1) {
    runs.push(checked(await measure([process.execPath, ...DECIDE, `${count}`, zone])));
  }
  return {
    seconds: median(runs.map(({stdout}) => Number(stdout))),
    peakMB: Math.max(...runs.map(({peakMB}) => peakMB)),
  };
}

/** boto's time is that of its rule alone, as ours is; restic's that of the whole command, which decrypts each snapshot. */
async function besidePeers(count: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ftask-bench-'));
  const {snapshots} = mixedHistory(count);
  try {
    const file = join(folder, 'times');
    await writeFile(
      file,
      snapshots.map(({volume, timeMs}) => `${volume} ${timeMs / 1000}\n`),
    );
    const boto = checked(await measure(['python3', BOTO, file]));
    report({what: "  boto's rule in Python", value: Number(boto.stdout.split(' ')[0]) * 1000, unit: 'ms'});
    if (noRestic || count > RESTIC_MOST) return;
    const repository = join(folder, 'repository');
    await mkdir(repository);
    await writeRepository(
      repository,
      snapshots.map(({volume, timeMs}) => ({host: `vol-${volume}`, time: new Date(timeMs).toISOString()})),
    );
    const words = forgetWords(repository, {
      last: 3,
      hourly: 24,
      daily: 7,
      weekly: 4,
      monthly: 12,
      yearly: 10,
    });
    const env = {...process.env, RESTIC_PASSWORD: PASSWORD};
    const {seconds} = checked(await measure(['restic', ...words], {env}));
    report({what: '  restic forget --dry-run, start to end', value: seconds * 1000, unit: 'ms'});
  } finally {
    await rm(folder, {recursive: true});
  }
}

function checked(run: Run): Run {
  if (run.code !== 0) throw new Error(run.stderr);
  return run;
}

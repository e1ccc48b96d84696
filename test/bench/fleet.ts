/** How close a big backup comes to what AWS's token buckets allow, and how it grows. */
import {join} from 'node:path';
import {binOf} from '../venv.ts';
import {measure, type Run} from './measure.ts';
import {report} from './report.ts';
import {MAIN, REGIONS, type ServedLab, serveLab} from './served-lab.ts';

/** CreateSnapshots, from "Request throttling for the Amazon EC2 API". */
const BURST = 100;
const PER_SECOND = 5;

const BOTO3 = join(import.meta.dirname, 'boto3-loop.py');

/** 10,000 instances at AWS's limits. Returns whether all figures are within theirs. */
export async function benchFleet(instances = 10_000): Promise<boolean> {
  const speed = 20;
  const lab = await serveLab({instances, volumes: 2, speed});
  try {
    const run = await backUp(lab);
    const made = run.stdout.trim().split('\n').length;
    const bound = (instances / REGIONS.length - BURST) / (PER_SECOND * speed);
    const throttled = Object.values(await lab.answers()).map((codes) => codes['RequestLimitExceeded'] ?? 0);
    return [
      report({
        what: `snapshots of ${instances} instances missing`,
        value: instances * 2 - made,
        unit: '',
        atMost: 0,
      }),
      report({what: 'wall / bound of the token buckets', value: run.seconds / bound, unit: '', atMost: 1.1}),
      report({
        what: 'throttled calls',
        value: throttled.reduce((total, count) => total + count, 0),
        unit: '',
        atMost: 0,
      }),
      report({what: 'peak memory', value: run.peakMB, unit: 'MB', atMost: 300}),
    ].every(Boolean);
  } finally {
    await lab.stop();
  }
}

/** The same 1,000 instances by ftask and by a plain loop, with 30 ms to the endpoint and back. */
export async function benchBoto3(): Promise<boolean> {
  const fleet = {instances: 1000, volumes: 2, speed: 20, delayMs: 30};
  const ours = await withLab(fleet, backUp);
  const theirs = await withLab(fleet, (lab) =>
    measure([join(binOf('aws'), 'python'), BOTO3, lab.url, ...REGIONS], {cwd: lab.folder}),
  );
  if (theirs.code !== 0) throw new Error(theirs.stderr);
  report({what: '1,000 instances, 30 ms away: ftask', value: ours.seconds, unit: 's'});
  report({what: '1,000 instances, 30 ms away: boto3, one after another', value: theirs.seconds, unit: 's'});
  return report({what: 'ftask / boto3', value: ours.seconds / theirs.seconds, unit: ''});
}

/** Memory and time from 1,000 to 100,000 instances, with a clock so fast that only work counts. */
export async function benchGrowth(): Promise<boolean> {
  for (const instances of [1_000, 10_000, 30_000, 100_000]) {
    const run = await withLab({instances, volumes: 2, speed: 1_000}, backUp);
    report({what: `${instances} instances: time each`, value: (run.seconds / instances) * 1000, unit: 'ms'});
    report({what: `${instances} instances: peak memory`, value: run.peakMB, unit: 'MB'});
  }
  return true;
}

async function withLab(fleet: Parameters<typeof serveLab>[0], work: (lab: ServedLab) => Promise<Run>) {
  const lab = await serveLab(fleet);
  try {
    return await work(lab);
  } finally {
    await lab.stop();
  }
}

async function backUp(lab: ServedLab): Promise<Run> {
  const run = await measure(
    [process.execPath, MAIN, `--lab=${lab.url}`, '--quiet', 'backup_instances_by_tag'],
    {
      cwd: lab.folder,
    },
  );
  if (run.code !== 0) throw new Error(run.stderr);
  return run;
}

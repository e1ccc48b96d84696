/** The lab's hardware: how soon it is up, what it costs when idle, and how long a freeze in it lasts. */
import {execFile} from 'node:child_process';
import {readdir, readFile, rm} from 'node:fs/promises';
import {setTimeout as delay} from 'node:timers/promises';
import {promisify} from 'node:util';
import {labUp, type UpLab} from '../lab/hardware/lab-up.ts';
import {QUICK} from '../lab/lab-client.ts';
import {median} from './measure.ts';
import {report} from './report.ts';

const run = promisify(execFile);
const RUNS = 5;
const IDLE_MS = 20_000;
const FREEZES = 15;
const API_DELAY_MS = 20;

/** Volumes of 64 MiB, two of each instance. */
const SMALL = {
  hardware: {mib_per_gib: 64},
  regions: {
    'eu-west-1': {
      instances: Object.fromEntries(
        ['a', 'b', 'c', 'd'].map((name) => [
          name,
          {volumes: {'/dev/xvda': 1, '/dev/sdf': {size: 1, filesystem: 'ext4', mount: '/data'}}},
        ]),
      ),
    },
  },
};

/** Returns whether both are within their limits: up in 5 s, and under 1 % of a core when idle. */
export async function benchLab(): Promise<boolean> {
  const seconds: number[] = [];
  for (let turn = 1; turn < RUNS; turn += 1) seconds.push((await timedUp()).seconds);
  const {lab, seconds: last} = await timedUp(false);
  const cpuMs = await idleCpuMs(lab);
  await end(lab);
  const up = {what: 'lab up, 4 instances and 8 volumes of 64 MiB', value: median([...seconds, last])};
  const idle = {what: `An idle lab, of a core, over ${IDLE_MS / 1000} s`, value: (100 * cpuMs) / IDLE_MS};
  const isUp = report({...up, unit: 's', atMost: 5});
  return report({...idle, unit: '%', atMost: 1}) && isUp;
}

async function timedUp(isOver = true): Promise<{lab: UpLab; seconds: number}> {
  const from = performance.now();
  const lab = await labUp(SMALL);
  const seconds = (performance.now() - from) / 1000;
  if (isOver) await end(lab);
  return {lab, seconds};
}

async function end(lab: UpLab): Promise<void> {
  await lab.down();
  await rm(lab.folder, {recursive: true});
}

/** The processor time of the keeper and of all that runs in its namespaces. */
async function idleCpuMs({folder}: UpLab): Promise<number> {
  await delay(2000);
  const from = await cpuTicks(folder);
  await delay(IDLE_MS);
  const {stdout} = await run('getconf', ['CLK_TCK']);
  return ((await cpuTicks(folder)) - from) * (1000 / Number(stdout));
}

/** In clock ticks, of the processes whose pid namespace is not ours but below it. */
async function cpuTicks(folder: string): Promise<number> {
  const stats = await Promise.all(
    (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map((pid) => ticksOf(pid)),
  );
  if (stats.every((ticks) => ticks === undefined)) throw new Error(`no keeper of ${folder} runs`);
  return stats.reduce<number>((sum, ticks) => sum + (ticks ?? 0), 0);
}

async function ticksOf(pid: string): Promise<number | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    // One that is known by several pids lives in a namespace of its own.
    if (!/^NSpid:\s+\d+\s+\d+/m.test(status)) return undefined;
    const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

/** Four volumes, and an API that takes its time. */
const FOUR = {
  ...QUICK,
  clock: {speed: 100},
  hardware: {mib_per_gib: 64},
  faults: [{action: 'CreateSnapshots', kind: 'slow', ms: API_DELAY_MS}],
  regions: {
    'eu-west-1': {
      instances: {
        db: {
          volumes: {
            '/dev/xvda': 1,
            ...Object.fromEntries(
              ['f', 'g', 'h', 'i'].map((letter) => [
                `/dev/sd${letter}`,
                {size: 1, filesystem: 'ext4', mount: `/data-${letter}`},
              ]),
            ),
          },
        },
      },
    },
  },
};

/** Returns whether a freeze of four filesystems, by the host's clock, is within the API's delay and 100 ms at the median. */
export async function benchFreeze(): Promise<boolean> {
  const lab = await labUp(FOUR);
  const took: number[] = [];
  for (let turn = 0; turn < FREEZES; turn += 1) {
    const words = ['--region', 'eu-west-1', '--tag-name', 'Name', '--tag-value', 'db'];
    const ended = await lab.ftask('backup_instance', ...words, '--consistent', '--exclude-boot', '--json');
    if (ended.code !== 0) throw new Error(ended.stderr);
    const [row] = JSON.parse(ended.stdout).tasks[0].result as {frozenMs: number}[];
    if (row) took.push(row.frozenMs);
  }
  await end(lab);
  const what = `A freeze of 4 volumes, the API ${API_DELAY_MS} ms away, median of ${FREEZES}`;
  report({what: '  the longest', value: Math.max(...took), unit: 'ms'});
  return report({what, value: median(took), unit: 'ms', atMost: API_DELAY_MS + 100});
}

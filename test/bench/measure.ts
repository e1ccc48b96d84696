/** Timing whole processes side by side, and how much memory they took at most. */
import {type SpawnOptions, spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';

export interface Run {
  readonly code: number | null;
  readonly seconds: number;
  /** The largest resident set of the process itself. */
  readonly peakMB: number;
  /** User and system time of the process itself, as last seen before its end; 0 where there is no /proc. */
  readonly cpuSeconds: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
export function measure(command: readonly string[], options: SpawnOptions = {}): Promise<Run> {
  const [file = '', ...args] = command;
  const from = performance.now();
  const child = spawn(file, args, {...options, stdio: ['ignore', 'pipe', 'pipe']});
  const out = {stdout: '', stderr: ''};
  child.stdout?.on('data', (chunk) => {
    out.stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    out.stderr += chunk;
  });
  let peakMB = 0;
  let cpuSeconds = 0;
  const sampler = setInterval(() => {
    peakMB = Math.max(peakMB, residentPeakMB(child.pid));
    cpuSeconds = Math.max(cpuSeconds, cpuSecondsOf(child.pid));
  }, 10);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearInterval(sampler);
      resolve({code, seconds: (performance.now() - from) / 1000, peakMB, cpuSeconds, ...out});
    });
  });
}

/** Runs two commands in turn, after one unmeasured pair; the median of the ratios of their wall times. */
export async function compare(
  ours: readonly string[],
  theirs: readonly string[],
  pairs: number,
  options: SpawnOptions = {},
): Promise<{ratio: number; ours: number; theirs: number}> {
  const rows: {ours: number; theirs: number; ratio: number}[] = [];
  for (let pair = 0; pair <= pairs; pair += 1) {
    const a = await measure(ours, options);
    const b = await measure(theirs, options);
    for (const {code, stderr} of [a, b]) if (code !== 0) throw new Error(`a command failed: ${stderr}`);
    if (pair > 0) rows.push({ours: a.seconds, theirs: b.seconds, ratio: a.seconds / b.seconds});
  }
  return {
    ratio: median(rows.map(({ratio}) => ratio)),
    ours: median(rows.map(({ours}) => ours)),
    theirs: median(rows.map(({theirs}) => theirs)),
  };
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const low = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  const high = sorted[Math.ceil((sorted.length - 1) / 2)] ?? Number.NaN;
  return (low + high) / 2;
}

/** VmHWM of proc(5); 0 where there is no such file. */
function residentPeakMB(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    // The process has just ended.
    return 0;
  }
}

/** utime and stime of proc(5), in hundredths of a second; 0 where there is no such file. */
function cpuSecondsOf(pid: number | undefined): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

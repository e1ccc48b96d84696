/** A lab of generated instances, served by a process of its own. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';

export const MAIN = join(import.meta.dirname, '../../dist/main.js');
export const REGIONS = ['eu-west-1', 'eu-central-1', 'us-east-1', 'ap-southeast-2'];

export interface ServedLab {
  readonly url: string;
  readonly folder: string;
  /** How often each action was answered with each code; `OK` is one. */
  answers(): Promise<Readonly<Record<string, Readonly<Record<string, number>>>>>;
  stop(): Promise<void>;
}

export interface Fleet {
  readonly instances: number;
  readonly volumes: number;
  /** How fast the lab's clock runs. */
  readonly speed: number;
  /** Added to every answer, real milliseconds. */
  readonly delayMs?: number;
  /** All four of them where it is left out. */
  readonly regions?: readonly string[];
  /** As in the lab file: snapshots of all volumes, made before the lab began. */
  readonly history?: readonly object[];
  /** More of the lab's own words. */
  readonly lab?: object;
}

/** Serves the fleet, evenly spread over its regions, with AWS's own token buckets. */
export async function serveLab(fleet: Fleet): Promise<ServedLab> {
  const {instances, volumes, speed, delayMs, regions = REGIONS, history = [], lab = {}} = fleet;
  const folder = await mkdtemp(join(tmpdir(), 'ftask-bench-'));
  const file = join(folder, 'lab.json');
  const generate = {instances, volumes, regions, tags: {Earmarking: 'production'}};
  const faults = delayMs === undefined ? [] : [{action: '*', kind: 'slow', ms: delayMs, probability: 1}];
  // JSON is YAML.
  await writeFile(file, JSON.stringify({clock: {speed}, generate: [generate], history, faults, ...lab}));
  const server = spawn(process.execPath, [MAIN, 'lab', 'serve', '--port', '0', '--file', file], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [line] = (await once(createInterface({input: server.stderr}), 'line')) as [string];
  const url = /http:\S+?(?=;)/.exec(line)?.[0];
  if (url === undefined) throw new Error(`the lab is not served: ${line}`);
  return {
    url,
    folder,
    answers: async () => {
      const response = await fetch(`${url}/_lab/calls`);
      const {counts} = (await response.json()) as {counts: Record<string, Record<string, number>>};
      return counts;
    },
    stop: async () => {
      server.kill('SIGTERM');
      await once(server, 'exit');
      await rm(folder, {recursive: true});
    },
  };
}

/** A lab in the test's own process, that the ftask under test reaches by its URL. */
import {after, before} from 'node:test';
import {type Lab, startLab} from '../../src/lab/lab.ts';

export interface LabSnapshot {
  readonly Region: string;
  readonly SnapshotId: string;
  readonly VolumeId: string;
  readonly State: string;
  readonly Description: string;
  readonly Tags?: readonly {readonly Key: string; readonly Value: string}[];
}

export interface LabCalls {
  readonly calls: readonly {
    readonly action: string;
    readonly region: string;
    readonly code: string;
    readonly mutating: boolean;
  }[];
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** The lab of a suite, and what a test may ask of it. */
export class TestLab {
  #lab: Lab | undefined;

  /** Starts it before the suite and stops it after. */
  constructor(fleet: object) {
    before(async () => {
      this.#lab = await startLab({fleet});
    });
    after(() => this.#lab?.close());
  }

  get url(): string {
    return this.#lab?.url ?? '';
  }

  snapshots(): Promise<LabSnapshot[]> {
    return this.#get<{snapshots: LabSnapshot[]}>('state').then(({snapshots}) => snapshots);
  }

  calls(): Promise<LabCalls> {
    return this.#get<LabCalls>('calls');
  }

  /** Forgets the calls so far and sets what goes wrong from now on. */
  async reset(faults: readonly object[] = []): Promise<void> {
    await fetch(`${this.url}/_lab/calls`, {method: 'DELETE'});
    const response = await fetch(`${this.url}/_lab/faults`, {method: 'POST', body: JSON.stringify(faults)});
    if (!response.ok) throw new Error(await response.text());
  }

  async #get<Answer>(what: string): Promise<Answer> {
    const response = await fetch(`${this.url}/_lab/${what}`);
    return (await response.json()) as Answer;
  }
}

/** The value of a snapshot's tag. */
export function tagOf({Tags = []}: LabSnapshot, key: string): string | undefined {
  return Tags.find(({Key}) => Key === key)?.Value;
}

/** Instances of one region, each a name with tags and sizes of volumes, in the lab's own words. */
export function instances(names: readonly string[], more: object = {}): object {
  const instance = {
    tags: {Earmarking: 'production'},
    volumes: {'/dev/xvda': 8, '/dev/sdf': 20},
    ...more,
  };
  return Object.fromEntries(names.map((name) => [name, instance]));
}

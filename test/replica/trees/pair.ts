/** Two hosts of a lab, far from each other, each with a filesystem of either type. */
import {tmpdir} from 'node:os';
import {systemClock} from '../../../src/clock.ts';
import {sh} from '../../../src/host/command.ts';
import {shellHost} from '../../../src/host/exec/shell-host.ts';
import type {Host} from '../../../src/host/host.ts';
import type {CopyTools, Reach, Way} from '../../../src/replica/trees/channel.ts';
import type {TreeEnd} from '../../../src/replica/trees/check-trees.ts';
import type {CopiedTree, TreeCopy} from '../../../src/replica/trees/copy-tree.ts';
import {copyTree} from '../../../src/replica/trees/copy-tree.ts';
import {ProgressModel} from '../../../src/runner/progress.ts';
import {newRunId} from '../../../src/runner/run-id.ts';
import {UndoStack} from '../../../src/runner/undo.ts';
import {openSsh} from '../../../src/ssh/open-ssh.ts';
import {makeKeyPair} from '../../../src/ssh/temporary/key-pair.ts';
import {type Machine, machineNamed} from '../../e2e/replication/machine.ts';
import {labUp, type UpLab} from '../../lab/hardware/lab-up.ts';
import {QUICK} from '../../lab/lab-client.ts';
import {atEnd} from '../../ssh/at-end.ts';

export const FILESYSTEMS = ['ext4', 'xfs'] as const;
export type Filesystem = (typeof FILESYSTEMS)[number];
export const WAYS = ['direct', 'through-controller'] as const;

export interface Side {
  readonly host: Host;
  readonly machine: Machine;
  readonly reach: Reach;
  /** As root; what it prints. */
  root(script: string): Promise<string>;
  /** Runs a Perl program on it as root. */
  perl(program: string, ...words: readonly (string | number)[]): Promise<void>;
}

export interface Pair {
  readonly lab: UpLab;
  readonly source: Side;
  readonly target: Side;
  readonly tools: CopyTools;
  /** What ftask had to say. */
  readonly warnings: readonly string[];
  end(side: 'source' | 'target', filesystem: Filesystem): TreeEnd;
  copy(way: Way, from: Filesystem, to: Filesystem, more?: Partial<TreeCopy>): Promise<CopiedTree>;
}

const volumes = {
  '/dev/xvda': 4,
  '/dev/sdf': {size: 2, filesystem: 'ext4', mount: '/srv/ext4'},
  '/dev/sdg': {size: 5, filesystem: 'xfs', mount: '/srv/xfs'},
};
export const PAIR_FLEET = {
  ...QUICK,
  hardware: {mib_per_gib: 64},
  regions: {
    'eu-west-1': {instances: {source: {volumes}}},
    'eu-central-1': {instances: {target: {volumes}}},
  },
  links: [{between: ['eu-west-1', 'eu-central-1'], delay: '2ms'}],
};

/** Starts them; they end with the test file. */
export async function hostPair(fleet: object = PAIR_FLEET): Promise<Pair> {
  const lab = await labUp(fleet);
  const ssh = openSsh({
    homeDir: tmpdir(),
    env: {},
    configFile: lab.sshConfig,
    acceptNewHostKeys: false,
    transport: 'ssh2',
    ask: () => Promise.reject(new Error('nobody is asked')),
    note: () => {},
  });
  atEnd(() => ssh.close());
  const {signal} = new AbortController();
  const side = async (name: string): Promise<Side> => {
    const machine = await machineNamed(lab, name);
    const host = shellHost(name, await ssh.transport(name), {signal, timeoutMs: 60_000});
    return {
      host,
      machine,
      reach: {user: 'admin', address: machine.address, port: 22},
      root: async (script) => (await host.run(sh`sh -euc ${script}`, {sudo: true})).stdout,
      perl: async (program, ...words) => {
        await host.run(['perl', '-', ...words.map(String)], {sudo: true, stdin: program});
      },
    };
  };
  const [source, target] = await Promise.all([side('source'), side('target')]);
  const warnings: string[] = [];
  const progress = new ProgressModel();
  progress.listen((event) => {
    if (event.kind === 'talk' && event.level === 'warning') warnings.push(event.text);
  });
  const run = {runId: newRunId(Date.now()), clock: systemClock, signal, undo: new UndoStack(), progress};
  const tools = {run, keyPair: makeKeyPair};
  const sides = {source, target};
  const end: Pair['end'] = (which, filesystem) => {
    const {host, reach} = sides[which];
    return {host, reach, mountPoint: `/srv/${filesystem}`};
  };
  return {
    lab,
    source,
    target,
    tools,
    warnings,
    end,
    copy: (way, from, to, more = {}) =>
      copyTree(tools, {
        source: end('source', from),
        target: end('target', to),
        way,
        excludes: [],
        allowVanished: false,
        checksum: false,
        say: () => {},
        ...more,
      }),
  };
}

/** Networks of the test's own: a bastion that this machine reaches, and a target that only the bastion reaches. Needs root. */
import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import {atEnd} from './at-end.ts';
import {notRoot} from './sshd.ts';

const run = promisify(execFile);

/** Why no network can be made here. */
export const noNetwork: string | false = notRoot || (process.platform === 'linux' ? false : 'needs Linux');

export interface TestNetwork {
  /** Network namespaces, to start servers in. */
  readonly bastion: string;
  readonly target: string;
  readonly bastionAddress: string;
  /** Reached from the bastion only. */
  readonly targetAddress: string;
  /** In the network of this machine and the bastion; nobody has it. */
  readonly freeAddress: string;
  /** Pulls the plug between this machine and the bastion, so that packets get lost without a word. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

let count = 0;

/** Makes the network, until the end of the test file. */
export async function makeNetwork(): Promise<TestNetwork> {
  count += 1;
  const id = `${process.pid % 50_000}x${count}`;
  const [bastion, target, port] = [`ftb${id}`, `ftt${id}`, `ft${id}`];
  const [near, far] = [1, 2].map((which) => `10.${process.pid % 256}.${200 + 2 * count + which}`);
  const ip = (words: string) => run('ip', words.split(' '));
  // `ip -n` would also remount /, which not every place that may have networks allows.
  const ipIn = (network: string, words: string) => run(...insideOf(network, ['ip', ...words.split(' ')]));
  atEnd(async () => {
    await ip(`netns del ${bastion}`).catch(() => {});
    await ip(`netns del ${target}`).catch(() => {});
  });
  await ip(`netns add ${bastion}`);
  await ip(`netns add ${target}`);
  await ip(`link add ${port} type veth peer name eth0 netns ${bastion}`);
  await ip(`addr add ${near}.1/24 dev ${port}`);
  await ip(`link set ${port} up`);
  await ipIn(bastion, `addr add ${near}.2/24 dev eth0`);
  await ipIn(bastion, 'link set eth0 up');
  await ipIn(bastion, 'link set lo up');
  await ipIn(bastion, `link add eth1 type veth peer name eth0 netns ${target}`);
  await ipIn(bastion, `addr add ${far}.1/24 dev eth1`);
  await ipIn(bastion, 'link set eth1 up');
  await ipIn(target, `addr add ${far}.2/24 dev eth0`);
  await ipIn(target, 'link set eth0 up');
  await ipIn(target, 'link set lo up');
  return {
    bastion,
    target,
    bastionAddress: `${near}.2`,
    targetAddress: `${far}.2`,
    freeAddress: `${near}.77`,
    cut: async () => void (await ipIn(bastion, 'link set eth0 down')),
    mend: async () => {
      await ipIn(bastion, 'link set eth0 up');
      // That nobody answered is remembered for a while.
      await ip(`neigh flush dev ${port}`);
    },
  };
}

/** A command with its words that runs within a network namespace. */
function insideOf(network: string, command: readonly string[]): [string, string[]] {
  return ['nsenter', [`--net=/run/netns/${network}`, ...command]];
}

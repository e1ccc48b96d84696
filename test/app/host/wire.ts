/** The wire between this machine and a host: an address at either end, and a plug that can be pulled. */
import {execFile} from 'node:child_process';
import {networkInterfaces} from 'node:os';
import {promisify} from 'node:util';

const run = promisify(execFile);

export interface Wire {
  /** Of the host. */
  readonly address: string;
  /** Pulls the plug: packets get lost without a word. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** For good. May be called when it is gone already. */
  remove(): Promise<void>;
}

/**
 * Wires the network namespace of a process to this machine. It goes when that does. The same `wanted` gives the same
 * addresses, as long as nobody else has them.
 */
export async function layWire(pid: number, wanted: number): Promise<Wire> {
  const [near, far] = freeAddresses(wanted);
  const port = `fta${pid}`;
  const inside = (words: string) => run('nsenter', [`--net=/proc/${pid}/ns/net`, 'ip', ...words.split(' ')]);
  const outside = (words: string) => run('ip', words.split(' '));
  await outside(`link add ${port} type veth peer name eth0 netns ${pid}`);
  await outside(`addr add ${near}/30 dev ${port}`);
  await outside(`link set ${port} up`);
  await inside(`addr add ${far}/30 dev eth0`);
  await inside('link set eth0 up');
  return {
    address: far,
    cut: async () => void (await inside('link set eth0 down')),
    mend: async () => {
      await inside('link set eth0 up');
      // That nobody answered is remembered for a while.
      await outside(`neigh flush dev ${port}`);
    },
    remove: async () => void (await outside(`link del ${port}`).catch(() => {})),
  };
}

/** Two neighbours of 198.18.0.0/15, which is for tests (RFC 2544), that nothing here has. */
function freeAddresses(wanted: number): [near: string, far: string] {
  const taken = new Set(
    Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map((one) => one.address)),
  );
  for (let slot = wanted % SLOTS; ; slot = (slot + 1) % SLOTS) {
    const [near, far] = [1, 2].map((which) => addressAt(4 * slot + which)) as [string, string];
    if (!taken.has(near)) return [near, far];
  }
}

const SLOTS = 32_768;

function addressAt(offset: number): string {
  return `198.${18 + (offset >> 16)}.${(offset >> 8) & 255}.${offset & 255}`;
}

/** What happens to a replication, and when: by a seed. Pure. */
import {seededRandom} from '../../../../src/lab/random.ts';
import type {Method} from '../scene.ts';

/** What befalls any replication, and what only those with instances of their own. */
const EVERYWHERE = [
  'kill -9',
  'SIGINT',
  'API error',
  'lost answer',
  'API gone',
  'copy fails',
  'killed, answers lost',
] as const;
const ON_INSTANCES = [
  'link down',
  'no way between',
  'full disk',
  'rsync killed',
  'instance terminated',
] as const;

export type Kind = (typeof EVERYWHERE)[number] | (typeof ON_INSTANCES)[number];

/** A rule of the lab, without its region. */
export interface Fault {
  readonly action: string;
  readonly kind: string;
  readonly nth: readonly number[];
  readonly code?: string;
  readonly status?: number;
  readonly message?: string;
}

export interface Accident {
  readonly number: number;
  readonly method: Method;
  readonly kind: Kind;
  /** What it happens to. */
  readonly side: 'source' | 'target';
  /** The part of what it is aimed at that is over: of the run, or of rsync's work. */
  readonly at: number;
  readonly aim: 'run' | 'rsync';
  /** How long it lasts, if it does not last for ever. */
  readonly lastsMs: number;
  readonly fault?: Fault;
  /** Whether what rsync copies goes through this machine. */
  readonly isRelayed: boolean;
  /** Whether `ftask cleanup` comes before the next run, or after it. */
  readonly isCleanedFirst: boolean;
}

const CALLS = {
  copy: [
    ...[
      'CopySnapshot',
      'CopySnapshot',
      'DescribeSnapshots',
      'ImportKeyPair',
      'CreateTags',
      'DescribeKeyPairs',
    ],
    ...['DeleteKeyPair', 'DescribeVolumes'],
  ],
  rsync: [
    ...['CreateVolume', 'AttachVolume', 'CreateSnapshot', 'CreateSnapshot', 'DetachVolume', 'DeleteVolume'],
    ...['RunInstances', 'TerminateInstances', 'ImportKeyPair', 'CreateTags', 'CreateSecurityGroup'],
    ...['AuthorizeSecurityGroupIngress', 'DeleteSecurityGroup', 'DeleteKeyPair', 'DescribeInstances'],
    ...['DescribeVolumes', 'DescribeSnapshots'],
  ],
};

const ERRORS = [
  {kind: 'error', code: 'InternalError', status: 500},
  {kind: 'error', code: 'Unavailable', status: 503},
  {kind: 'error', code: 'UnauthorizedOperation', status: 403, message: 'You may not do this.'},
  {kind: 'error', code: 'InsufficientVolumeCapacity', status: 400, message: 'There is no room.'},
  {kind: 'throttle'},
  {kind: 'html'},
] as const;

/** So many, each kind of a method as often as its others; the same for the same seed. */
export function accidents(count: number, seed: number, methods: readonly Method[]): Accident[] {
  return Array.from({length: count}, (_, number) => {
    const method = methods[number % methods.length] ?? 'copy';
    const kinds = method === 'copy' ? EVERYWHERE : [...EVERYWHERE, ...ON_INSTANCES];
    const kind = kinds[(seed + Math.floor(number / methods.length)) % kinds.length] ?? 'kill -9';
    return accident({number, method, kind}, seededRandom(seed * 1009 + number));
  });
}

function accident(
  {number, method, kind}: Pick<Accident, 'number' | 'method' | 'kind'>,
  random: () => number,
): Accident {
  const pick = <Each>(all: readonly Each[]): Each => all[Math.floor(random() * all.length)] as Each;
  const fault = faultOf(kind, method, pick);
  return {
    number,
    method,
    kind,
    side: kind === 'full disk' || method === 'copy' ? 'target' : pick(['source', 'target', 'target']),
    at: random(),
    aim: method === 'rsync' && kind !== 'SIGINT' ? pick(['run', 'rsync']) : 'run',
    lastsMs: pick(kind === 'full disk' ? [3000, 30_000] : [300, 2000, 30_000]),
    isRelayed: method === 'rsync' && random() < 0.25,
    isCleanedFirst: random() < 0.7,
    ...(fault && {fault}),
  };
}

/** The same, earlier. */
export function sooner(accident: Accident): Accident {
  const {at, fault} = accident;
  const by = Math.floor((fault?.nth[0] ?? 1) / 2);
  return {...accident, at: at / 2, ...(fault && {fault: {...fault, nth: fault.nth.map((nth) => nth - by)}})};
}

function faultOf(kind: Kind, method: Method, pick: <Each>(all: readonly Each[]) => Each): Fault | undefined {
  const action = pick(CALLS[method]);
  const first = pick([1, 1, 2, 2, 3, 4, 6, 10]);
  const some = (count: number) => Array.from({length: count}, (_, index) => first + index);
  const calls = {action, nth: some(pick([1, 1, 2, 8, 1000]))};
  switch (kind) {
    case 'API error':
      return {...calls, ...pick(ERRORS)};
    case 'lost answer':
    case 'killed, answers lost':
      return {...calls, kind: 'lost-answer'};
    case 'API gone':
      return {action: '*', nth: some(pick([5, 20, 60])).map((nth) => nth + 2 * first), kind: 'lost-request'};
    case 'copy fails':
      return {
        action: method === 'copy' ? 'CopySnapshot' : 'CreateSnapshot',
        kind: 'snapshot-error',
        message: 'It went wrong.',
        nth: some(pick([1, 2, 1000])),
      };
    default:
      return undefined;
  }
}

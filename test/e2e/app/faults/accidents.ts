/** What happens to a backup, a restore or a verification, and when: by a seed. Pure. */
import {seededRandom} from '../../../../src/lab/random.ts';

/** A restore has most to lose. */
const TURNS = ['restore', 'backup', 'restore', 'verify'] as const;
export type Task = (typeof TURNS)[number];

const ON_THE_WAY = [
  'ftask killed',
  'script killed',
  'link down',
  'disk full',
  'program killed',
  'PostgreSQL restarted',
  'PostgreSQL crashed',
  'ftask interrupted',
] as const;
/** What its archive or its folder was made before it begins. */
const DAMAGES = ['bit flipped', 'truncated', 'extra file', 'member under ..', 'symlink out'] as const;

export type Struck = (typeof ON_THE_WAY)[number];
export type Damage = (typeof DAMAGES)[number];

export interface Accident {
  readonly number: number;
  readonly task: Task;
  readonly kind: Struck | Damage;
  /** The part that is over: of the programs that are called on the host, or of the file that is damaged. */
  readonly at: number;
  /** The program that is called there waits until it has happened; else it works on for so many milliseconds before. */
  readonly isHeld: boolean;
  readonly delayMs: number;
  /** What comes to an end by itself. */
  readonly lastsMs: number;
  /** The filesystem that gets full. */
  readonly place: (typeof PLACES)[number];
  /** Which of the script's processes is killed. */
  readonly victim: 'caller' | 'guard' | 'steps' | 'both';
  /** What is restored or verified, and may be damaged before; the digest beside an archive may be made right again. */
  readonly from: 'file' | 'archive' | 'folder';
  readonly isSigned: boolean;
  readonly hasSafety: boolean;
}

/** Filesystems of their own on the host. */
export const PLACES = ['/opt/backups', '/home', '/var/lib/postgresql'] as const;

/** Has no divisor in common with how many kinds there are, so that a few are of many kinds and many are of all. */
const STRIDE = 5;

/** So many, each kind of a task as often as its others; the same for the same seed. */
export function accidents(count: number, seed: number): Accident[] {
  const turns = new Map<Task, number>();
  return Array.from({length: count}, (_, number) => {
    const task = TURNS[(seed + number) % TURNS.length] ?? 'restore';
    const turn = turns.get(task) ?? 0;
    turns.set(task, turn + 1);
    const kinds = task === 'backup' ? ON_THE_WAY : [...ON_THE_WAY, ...DAMAGES];
    const kind = kinds[(seed + STRIDE * turn) % kinds.length] ?? 'ftask killed';
    return accident({number, task, kind}, seededRandom(seed * 1009 + number));
  });
}

function accident(what: Pick<Accident, 'number' | 'task' | 'kind'>, random: () => number): Accident {
  const pick = <Each>(all: readonly Each[]): Each => all[Math.floor(random() * all.length)] as Each;
  return {
    ...what,
    at: random(),
    isHeld: random() < 0.6,
    delayMs: Math.floor(random() * 400),
    lastsMs: pick([300, 3000, 9000]),
    place: pick(PLACES),
    victim: pick(['caller', 'guard', 'steps', 'both']),
    from: pick(what.kind === 'member under ..' ? ['file', 'archive'] : ['file', 'archive', 'folder']),
    isSigned: random() < 0.5,
    hasSafety: random() < 0.3,
  };
}

export function isDamage(kind: Accident['kind']): kind is Damage {
  return (DAMAGES as readonly string[]).includes(kind);
}

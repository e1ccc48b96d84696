/** When what happens to a backup. */
import {seededRandom} from '../../../../src/lab/random.ts';

export const KINDS = ['kill -9', 'SIGSTOP', 'link down', 'sshd killed', 'API hangs'] as const;

export interface Moment {
  readonly kind: (typeof KINDS)[number];
  /** Within a freeze, or anywhere in a run. */
  readonly aim: 'freeze' | 'run';
  /** The part of that which is over. */
  readonly at: number;
  /** Whether an API that hangs answers at last, and does then what it was asked for. */
  readonly answers: boolean;
}

/** Each kind as often as the others, two of three of them aimed at a freeze. */
export function moments(count: number, seed: number): Moment[] {
  const random = seededRandom(seed);
  return Array.from({length: count}, (_, index) => {
    const round = Math.floor(index / KINDS.length);
    return {
      kind: KINDS[index % KINDS.length] ?? KINDS[0],
      aim: round % 3 === 2 ? 'run' : 'freeze',
      at: random(),
      answers: round % 2 === 0,
    };
  });
}

/** Whatever happens to a backup, a restore or a verification: it never says what is not so, and nobody's data are lost. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {noSite} from '../../app/site/site.ts';
import {type Accident, accidents} from './faults/accidents.ts';
import {type Lane, openLane} from './faults/lane.ts';
import type {Met} from './faults/strike.ts';

/** 200 are the whole of it. */
const FAULTS = Number(process.env['FTASK_TEST_FAULTS'] ?? 5);
const SEED = Number(process.env['FTASK_TEST_SEED'] ?? Date.now() % 1_000_000);
/** Sites to which they happen at the same time. */
const LANES = FAULTS > 12 ? 4 : 1;

interface Round {
  readonly accident: Accident;
  readonly met: Met;
}

describe('an application that something happens to', {skip: noSite}, () => {
  let lanes: readonly Lane[];
  before(async () => {
    lanes = await Promise.all(Array.from({length: LANES}, () => openLane()));
  });

  test(`${FAULTS} times is never lost, nor is what ftask says of it untrue`, async (t) => {
    t.diagnostic(`FTASK_TEST_SEED=${SEED}`);
    const waiting = accidents(FAULTS, SEED);
    const rounds: Round[] = [];
    const work = async (lane: Lane) => {
      for (let accident = waiting.shift(); accident; accident = waiting.shift()) {
        const met = await lane.undergo(accident);
        rounds.push({accident, met});
        t.diagnostic(
          `${rounds.length}: ${accident.task}, ${accident.kind} at ${met.at}: ${met.ended.code ?? met.ended.signal}`,
        );
      }
    };
    // A lane ends with its first failure; the others still tell what they find.
    const ends = await Promise.allSettled(lanes.map(work));
    for (const line of figures(rounds)) t.diagnostic(line);
    assert.deepEqual(
      ends.flatMap((end) => (end.status === 'rejected' ? [`FTASK_TEST_SEED=${SEED}: ${end.reason}`] : [])),
      [],
    );
    assert.equal(rounds.length, FAULTS);
    // Of a few all may come right.
    assert.ok(FAULTS < 50 || rounds.some(({met}) => met.ended.code !== 0));
  });
});

/** How often what happened, and how it ended. */
function figures(rounds: readonly Round[]): string[] {
  const counts = new Map<string, Map<string, number>>();
  for (const {accident, met} of rounds) {
    const kind = `${accident.task}, ${accident.kind}`;
    const end = met.at === undefined ? 'missed' : `${met.ended.code ?? met.ended.signal}`;
    const ends = counts.get(kind) ?? new Map<string, number>();
    counts.set(kind, ends.set(end, (ends.get(end) ?? 0) + 1));
  }
  return [...counts].sort().map(([kind, ends]) => {
    const all = [...ends].sort().map(([end, count]) => `${count} with ${end}`);
    return `${kind}: ${all.join(', ')}`;
  });
}

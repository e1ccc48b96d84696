/** What holds for every history; host-zone.test.ts runs this in other zones of the machine. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {decide, type Item, type Rules} from '../../src/retention/decide.ts';
import {DEFAULT_COUNTS, type Policy} from '../../src/retention/policy.ts';
import {backup, DAY, deletedIds, keptIds, rulesBy, trimmed} from './decided.ts';
import {type Histories, histories, policies, ruleSets} from './histories.ts';

const YEARS_400 = 146_097 * DAY;
const ANYTHING = {hasOthers: true, hasSets: true, hasFuture: true};

describe('of every history', () => {
  always('each item is decided on, in the order of the items', ANYTHING, (items, rules) => {
    assert.deepEqual(
      decide(items, rules).map(({item}) => item),
      items,
    );
  });

  always('the newest completed backup of each lineage is kept', ANYTHING, (items, rules) => {
    const kept = trimmed(items, rules);
    for (const lineage of new Set(items.map((item) => item.lineage))) {
      assert.deepEqual(newestTime(kept, lineage, rules), newestTime(items, lineage, rules));
    }
  });

  always('a second trim deletes nothing more', ANYTHING, (items, rules) => {
    assert.deepEqual(deletedIds(trimmed(items, rules), rules), []);
  });

  always('the order of the items makes no difference', ANYTHING, (items, rules) => {
    const kept = keptIds(items, rules).sort();
    assert.deepEqual(keptIds([...items].reverse(), rules).sort(), kept);
    const byId = [...items].sort((left, right) => (left.id < right.id ? -1 : 1));
    assert.deepEqual(keptIds(byId, rules), kept);
  });

  always('what is held, no backup, young or of the future is kept', ANYTHING, (items, rules) => {
    for (const {item, verdict} of decide(items, rules)) {
      if (verdict === 'keep') continue;
      assert.ok(item.isBackup && item.holds.length === 0);
      assert.ok(rules.nowMs - item.timeMs >= rules.minAgeMs);
    }
  });

  always('a set is kept as a whole or not at all', ANYTHING, (items, rules) => {
    const verdicts = new Map<string, string>();
    for (const {item, verdict} of decide(items, rules)) {
      if (item.set === undefined) continue;
      assert.equal(verdicts.get(item.set) ?? verdict, verdict);
      verdicts.set(item.set, verdict);
    }
  });

  always('the reasons say what the verdict says', ANYTHING, (items, rules) => {
    for (const {verdict, reasons} of decide(items, rules)) {
      assert.ok(reasons.length > 0);
      for (const {kind} of reasons) {
        const isAgainst = kind === 'superseded' || kind === 'before the kept';
        assert.equal(isAgainst, verdict === 'delete');
      }
    }
  });

  always('lineages know nothing of each other', {hasOthers: true, hasFuture: true}, (items, rules) => {
    const apart = [...new Set(items.map(({lineage}) => lineage))].flatMap((name) =>
      deletedIds(
        items.filter(({lineage}) => lineage === name),
        rules,
      ),
    );
    assert.deepEqual(deletedIds(items, rules).sort(), apart.sort());
  });

  always('what is no backup of ours changes no verdict', {...ANYTHING}, (items, rules) => {
    const others = items.map(
      ({id, lineage, timeMs}): Item => ({id: `${id}-other`, lineage, timeMs, isBackup: false, holds: []}),
    );
    assert.deepEqual(deletedIds([...others, ...items], rules), deletedIds(items, rules));
  });

  always('what lies in the future changes no verdict', {hasOthers: true}, (items, rules) => {
    const future = items.map(
      (item): Item => ({...item, id: `${item.id}-future`, timeMs: 2 * rules.nowMs - item.timeMs + DAY}),
    );
    assert.deepEqual(deletedIds([...future, ...items], rules), deletedIds(items, rules));
  });

  always('a clock that jumps ahead ten years deletes nothing more', {hasOthers: true}, (items, rules) => {
    const ageless = {...rules, minAgeMs: 0};
    const later = {...ageless, nowMs: rules.nowMs + 3652 * DAY};
    assert.deepEqual(deletedIds(items, later), deletedIds(items, ageless));
  });

  test('a shift by multiples of 400 years shifts every verdict', () => {
    const shifts = fc.constantFrom(-4 * YEARS_400, YEARS_400, 5 * YEARS_400);
    const cases = ruleSets.chain((rules) => fc.tuple(fc.constant(rules), histories(rules, ANYTHING), shifts));
    fc.assert(
      fc.property(cases, (drawn) => {
        const [{policyOf, ...rest}, items, shiftMs] = drawn;
        const rules: Rules = {...rest, zone: 'UTC', policyOf: (lineage) => tiersOnly(policyOf(lineage))};
        const shifted = items.map((item) => ({...item, timeMs: item.timeMs + shiftMs}));
        assert.deepEqual(keptIds(shifted, {...rules, nowMs: rules.nowMs + shiftMs}), keptIds(items, rules));
      }),
    );
  });

  test('no more is kept than the policy counts, the newest ones and the oldest', () => {
    const cases = ruleSets.chain((rules) =>
      fc.tuple(fc.constant({...rules, minAgeMs: 0}), histories(rules, {lineages: 1})),
    );
    fc.assert(
      fc.property(cases, ([rules, items]) => {
        const kept = keptIds(items, rules).length;
        assert.ok(kept <= budget(items, rules) + rules.minKeep + 1, `${kept} are kept`);
      }),
    );
  });
});

describe('as backups arrive one after the other', () => {
  const arrivals = fc
    .record({
      policy: policies,
      zone: fc.constantFrom('UTC', 'America/New_York', 'Pacific/Apia'),
      minKeep: fc.integer({min: 1, max: 3}),
      minAgeMs: fc.constantFrom(0, DAY),
      startMs: fc.integer({min: Date.UTC(2011, 11, 1), max: Date.UTC(2030, 0, 1)}),
      steps: fc.array(fc.tuple(fc.integer({min: 0, max: 40}), fc.constantFrom(DAY / 24, DAY, 20 * DAY)), {
        minLength: 2,
        maxLength: 40,
      }),
    })
    .map(({policy, zone, minKeep, minAgeMs, startMs, steps}) => {
      let timeMs = startMs;
      const moments = steps.map(([amount, unit], index) => {
        timeMs += amount * unit;
        const set = `set-${index}`;
        const more = {timeMs, ...(index % 3 === 0 && {set})};
        return ['vol-1', 'vol-2'].map((lineage) =>
          backup('', {id: `snap-${lineage}-${99 - index}`, lineage, ...more}),
        );
      });
      return {moments, rules: rulesBy(policy, {zone, minKeep, minAgeMs})};
    });

  test('what is kept was kept ever since it came', () => {
    fc.assert(
      fc.property(arrivals, ({moments, rules}) => {
        let keptBefore = new Set<string>();
        for (const [index, moment] of moments.entries()) {
          const items = moments.slice(0, index + 1).flat();
          const kept = keptIds(items, at(moment, rules));
          const news = new Set(moment.map(({id}) => id));
          for (const id of kept) assert.ok(keptBefore.has(id) || news.has(id), id);
          keptBefore = new Set(kept);
        }
      }),
    );
  });

  test('a trim after each backup loses nothing that one trim at the end keeps', () => {
    fc.assert(
      fc.property(arrivals, ({moments, rules}) => {
        let left: Item[] = [];
        for (const moment of moments) {
          left = trimmed([...left, ...moment], at(moment, rules));
          for (const item of moment) assert.ok(left.includes(item));
        }
        const ids = new Set(left.map(({id}) => id));
        for (const id of keptIds(moments.flat(), at(moments.at(-1) ?? [], rules))) assert.ok(ids.has(id), id);
      }),
    );
  });
});

function always(title: string, options: Histories, holds: (items: Item[], rules: Rules) => void): void {
  const cases = ruleSets.chain((rules) => fc.tuple(histories(rules, options), fc.constant(rules)));
  test(title, () => {
    fc.assert(
      fc.property(cases, ([items, rules]) => holds(items, rules)),
      {numRuns: 300},
    );
  });
}

function newestTime(items: readonly Item[], lineage: string, {nowMs}: Rules): number {
  const times = items
    .filter((item) => item.lineage === lineage && item.isBackup && item.timeMs <= nowMs + 300_000)
    .map(({timeMs}) => timeMs);
  return Math.max(...times);
}

/** How many periods the policy of these items, which are of one lineage, counts. */
function budget(items: readonly Item[], {policyOf}: Rules): number {
  const policy = policyOf(items[0]?.lineage ?? '');
  if (policy.kind === 'tiers') return Object.values(policy.counts).reduce((sum, count) => sum + count, 0);
  const times = items.map(({timeMs}) => timeMs);
  const units = Math.max(1, (Math.max(...times) - Math.min(...times)) / policy.unitMs);
  return policy.base * (Math.ceil(Math.log(units) / Math.log(policy.base)) + 2);
}

/** Calendars repeat after 400 years, powers of a base do not. */
function tiersOnly(policy: Policy): Policy {
  return policy.kind === 'tiers' ? policy : {kind: 'tiers', counts: DEFAULT_COUNTS};
}

function at(moment: readonly Item[], rules: Rules): Rules {
  return {...rules, nowMs: Math.max(...moment.map(({timeMs}) => timeMs))};
}

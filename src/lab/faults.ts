/** Things that go wrong on purpose, by rules with a seed. */
import type {FaultRule} from './fleet/fault-schema.ts';
import {seededRandom} from './random.ts';

/** Decides which calls go wrong; counting begins when the rules are set. */
export class Faults {
  #rules: {readonly rule: FaultRule; readonly random: () => number; calls: number}[] = [];

  constructor(rules: readonly FaultRule[]) {
    this.replace(rules);
  }

  /** Sets new rules and forgets all counts. */
  replace(rules: readonly FaultRule[]): void {
    this.#rules = rules.map((rule) => ({rule, random: seededRandom(rule.seed), calls: 0}));
  }

  /** The first rule that strikes this call. Every matching rule counts it. */
  strike(action: string, region: string): FaultRule | undefined {
    let struck: FaultRule | undefined;
    for (const state of this.#rules) {
      const {rule, random} = state;
      if (rule.action !== '*' && rule.action !== action) continue;
      if (rule.region !== undefined && rule.region !== region) continue;
      state.calls += 1;
      const isDue = random() < rule.probability && (rule.nth?.includes(state.calls) ?? true);
      if (isDue) struck ??= rule;
    }
    return struck;
  }
}

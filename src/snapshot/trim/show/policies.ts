/** By which policies a plan was made, in a few lines. Pure. */
import {visibleText} from '../../../runner/display/visible-text.ts';
import {counted, number} from '../../../words.ts';
import type {TrimPlan} from '../plan.ts';

const SHOWN = 3;

/** A line for each of those that hold for most volumes, and how many others there are. */
export function policyLines({regions, settings}: Pick<TrimPlan, 'regions' | 'settings'>): string[] {
  const volumes = new Map<string, number>();
  for (const {policy} of regions.flatMap(({lineages}) => lineages)) {
    volumes.set(policy, (volumes.get(policy) ?? 0) + 1);
  }
  const {timeZone} = settings;
  const days = timeZone === 'UTC' ? '' : `, days of ${visibleText(timeZone)}`;
  const sorted = [...volumes].sort(([, one], [, other]) => other - one);
  const left = sorted.length - SHOWN;
  return [
    ...sorted
      .slice(0, SHOWN)
      .map(([policy, count]) => `policy: ${policy} (${counted(count, 'volume')}${days})`),
    ...(left > 0 ? [`policy: ${number(left)} ${left === 1 ? 'other' : 'others'}`] : []),
  ];
}

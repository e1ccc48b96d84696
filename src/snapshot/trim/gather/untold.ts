/** What AWS does not tell whoever asks: said once for all regions. */
import type {Region} from '../../../ec2/ids.ts';
import type {Progress} from '../../../runner/progress.ts';

export interface Untold {
  /** Remembers that something is not told in a region, and why. */
  add(region: Region, what: string, error: Error): void;
  /** Warns of each thing in a line. */
  tell(progress: Progress): void;
}

const SHOWN_REGIONS = 3;

/** One that knows of nothing yet. */
export function nothingUntold(): Untold {
  const known = new Map<string, {readonly regions: Region[]; readonly why: string}>();
  return {
    add: (region, what, error) => {
      const one = known.get(what) ?? {regions: [], why: error.message};
      one.regions.push(region);
      known.set(what, one);
    },
    tell: (progress) => {
      for (const [what, {regions, why}] of known) progress.warn(`${placesOf(regions)}: ${what} (${why})`);
    },
  };
}

function placesOf(regions: readonly Region[]): string {
  const names = [...regions].sort();
  const left = names.length - SHOWN_REGIONS;
  return names.slice(0, SHOWN_REGIONS).join(', ') + (left > 0 ? ` and ${left} more` : '');
}

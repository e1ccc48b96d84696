/** Where the components of an application lie in its snapshot. */
import {UsageError} from '../errors.ts';
import {type Component, dumpPath} from './application.ts';

/** Nothing but dumps goes there. */
const DUMPS = 'database';

/**
 * Each has a place of its own, and none lies in that of another: it would be overwritten without a word.
 * @throws UsageError which begins with `what`
 */
export function checkPlaces(what: string, components: readonly Component[]): void {
  components.forEach((one, index) => {
    const place = placeOf(one);
    if (one.kind !== 'postgres' && isWithin(place, DUMPS)) throw samePlace(what, 'dumps', one.name);
    const other = components.slice(0, index).find((before) => overlap(place, placeOf(before)));
    if (other) throw samePlace(what, other.name, one.name);
  });
}

function placeOf(one: Component): string {
  if (one.kind === 'postgres') return dumpPath(one);
  return one.kind === 'files' && one.as !== undefined ? `${one.into}/${one.as}` : one.into;
}

function overlap(one: string, other: string): boolean {
  return isWithin(one, other) || isWithin(other, one);
}

function isWithin(place: string, folder: string): boolean {
  return `${place}/`.startsWith(`${folder}/`);
}

function samePlace(what: string, one: string, other: string): UsageError {
  return new UsageError('SamePlace', `${what}: ${one} and ${other} would be in one place of the snapshot`, {
    hint: `give ${other} another place by into:, or make two applications of them`,
  });
}

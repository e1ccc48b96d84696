/** Filters of listings. */
import type {Filter} from '@aws-sdk/client-ec2';

/** Values that one filter takes. */
const MOST_VALUES = 200;

/** By a list of any length: one filter for each call that it takes. */
export function filtersBy(Name: string, values: readonly string[]): Filter[] {
  const count = Math.ceil(values.length / MOST_VALUES);
  return Array.from({length: count}, (_, index) => ({
    Name,
    Values: values.slice(index * MOST_VALUES, (index + 1) * MOST_VALUES),
  }));
}

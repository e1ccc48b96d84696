/** How many hosts are worked on before the next ones get their turn. */
import {UsageError} from '../../errors.ts';

/** A number of hosts, or a part of all of them. */
export type BatchSize = {readonly hosts: number} | {readonly percent: number};

/**
 * Sizes as an operator writes them: `5`, `10%`, or several for a careful start (`1,10%,50%`).
 * @throws UsageError on anything else
 */
export function parseBatch(text: string): BatchSize[] {
  return text.split(',').map((part) => sizeOf(part.trim(), text));
}

/**
 * Cuts hosts into batches. The last size holds for all that is left; a percentage is of all hosts, rounded
 * down, and never less than one host. Without sizes there is one batch.
 */
export function planBatches<Item>(items: readonly Item[], sizes: readonly BatchSize[]): Item[][] {
  const batches: Item[][] = [];
  for (let at = 0; at < items.length; ) {
    const size = sizes[Math.min(batches.length, sizes.length - 1)];
    const end = at + (size ? countOf(size, items.length) : items.length);
    batches.push(items.slice(at, end));
    at = end;
  }
  return batches;
}

function countOf(size: BatchSize, all: number): number {
  return Math.max(1, 'hosts' in size ? size.hosts : Math.floor((all * size.percent) / 100));
}

function sizeOf(part: string, text: string): BatchSize {
  const [, digits, percent] = /^(\d{1,6})(%?)$/.exec(part) ?? [];
  const value = Number(digits);
  if (value >= 1 && (!percent || value <= 100)) return percent ? {percent: value} : {hosts: value};
  throw new UsageError('BadBatch', `'${text}' is no batch`, {
    hint: 'a batch is a number of hosts (5), a part of all (10%), or a list whose last holds on (1,10%)',
  });
}

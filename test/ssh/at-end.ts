/** What is to be undone at the end of a test file, wherever in it that was asked for. */
import {after} from 'node:test';

const undo: (() => Promise<void>)[] = [];

// Within a `before` hook `after` would mean the end of that hook; outside of tests it would make this a test.
if (/\.test\.ts$/.test(process.argv[1] ?? '')) {
  after(async () => {
    const failures: unknown[] = [];
    for (const work of undo.reverse()) await work().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  });
}

/** Does this when all tests of the file have ended, the last asked for first. */
export function atEnd(work: () => Promise<void>): void {
  undo.push(work);
}

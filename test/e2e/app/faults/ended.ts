/** What a run of ftask said when it ended. */
import assert from 'node:assert/strict';
import type {Ended} from '../../ftask.ts';

export interface Row {
  readonly snapshot: string;
  readonly archive: string;
  readonly file: string;
  readonly result: string;
}

/** The only one of a run that went well. */
export function rowOf({stdout}: Ended): Row {
  return JSON.parse(stdout).tasks[0].result[0];
}

/** Nobody could tell it how it ended. */
export function isOutOfReach({stderr}: Ended): boolean {
  return /out of reach|connection|Connection|lock of \S+ is lost|unreachable/.test(stderr);
}

export function told({code, signal, stderr}: Ended): string {
  return `${code ?? signal}\n${stderr}`;
}

/** One that was not killed says what became of it. @throws AssertionError */
export function assertClear({code, signal, stdout, stderr}: Ended, what: string): void {
  if (signal !== null) return;
  assert.ok([0, 1, 130].includes(code ?? -1), `exit code ${code}: ${what}`);
  assert.doesNotMatch(stderr, /this is a bug/, what);
  assert.equal(JSON.parse(stdout).ok, code === 0, what);
}

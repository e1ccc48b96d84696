/** The name of a run: in the tags of all that it makes, and what `--resume` is given. */
import {randomBytes} from 'node:crypto';

const RUN_ID = /^\d{8}T\d{6}Z-[0-9a-f]{6}$/;

/** A fresh id such as `20261121T043012Z-7f3a9c`: ids sort by time and never repeat. */
export function newRunId(nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `${stamp}-${randomBytes(3).toString('hex')}`;
}

/** Tells a run's id from any other text. */
export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}

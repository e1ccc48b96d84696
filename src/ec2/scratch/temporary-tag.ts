/** The tags of what is there for a while only: whose it is, and until when nobody else may remove it. Pure. */
import {literal} from '../instances.ts';
import type {Tags} from '../tags.ts';

export const TEMPORARY_TAG = 'ftask:temporary';
const RUN_TAG = 'ftask:run';

/** What the tags of a temporary thing say. */
export interface Temporary {
  readonly run: string;
  /** All that is removed together; a run may have several. */
  readonly scratch: string;
  readonly expiresMs: number;
}

const VALUE = /^(\S+)\/([0-9a-f]{8}) until (\S+)$/;

/** The tags, to be given in the creating call; `scratch` is the run and 8 hexadecimal digits. */
export function temporaryTags({run, scratch, expiresMs}: Temporary): Tags {
  return {[RUN_TAG]: run, [TEMPORARY_TAG]: `${scratch} until ${new Date(expiresMs).toISOString()}`};
}

/** Undefined unless both tags are there and of one piece: what somebody else has tagged is not ours. */
export function readTemporary(tags: Tags): Temporary | undefined {
  const [, run, digits, until = ''] = VALUE.exec(tags[TEMPORARY_TAG] ?? '') ?? [];
  const expiresMs = Date.parse(until);
  if (run === undefined || tags[RUN_TAG] !== run || Number.isNaN(expiresMs)) return undefined;
  return {run, scratch: `${run}/${digits}`, expiresMs};
}

/** A value of the filter `tag:ftask:temporary` that all things of a scratch have, whatever their expiry. */
export function scratchPattern(scratch: string): string {
  return `${literal(scratch)} until *`;
}

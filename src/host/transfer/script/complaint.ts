/** What a script on a host complains of, in the operator's words. */
import {TransferFailed} from '../../failures.ts';
import type {Result} from '../../result.ts';
import {DENIED, PARENTS_HINT, saidReason} from '../reason.ts';
import type {Ended} from './conversation.ts';

export interface Site {
  readonly host: string;
  /** `cannot put a.conf as /etc/a.conf`. */
  readonly what: string;
  /** On the host. */
  readonly path: string;
}

interface Complaint {
  readonly why: (path: string) => string;
  readonly hint?: string;
}

const DIFFERS = 'what arrived is not what was sent; its SHA-256 differs';

const COMPLAINTS: Record<string, Complaint> = {
  'bad-link': {why: (path) => `${path} is a link that leads nowhere`},
  'no-parents': {why: (path) => `the folder ${folderOf(path)} cannot be made`},
  'no-folder': {
    why: (path) => `there is no folder ${folderOf(path)}, or it may not be seen`,
    hint: PARENTS_HINT,
  },
  'is-folder': {
    why: (path) => `${path} is a folder`,
    hint: 'end the path with / to put the file into it under its own name',
  },
  'is-special': {why: (path) => `${path} is a device, a pipe or a socket`},
  exists: {
    why: (path) => `the folder ${path} is there already`,
    hint: 'end the path with / to put it into that folder, or replace it: replace: true (--replace)',
  },
  'is-file': {why: (path) => `${path} is there already and is no folder`},
  'no-tar': {why: () => 'the host has no tar'},
  'no-file': {why: (path) => `nothing can be written to ${folderOf(path)}`},
  unwritten: {why: (path) => `it could not be written to ${folderOf(path)}`},
  cut: {why: () => 'the connection was cut'},
  differs: {why: () => DIFFERS},
  'no-sha256': {why: () => 'the host has no program for SHA-256 (sha256sum, shasum or openssl)'},
  'no-dd': {why: () => "the host's dd cannot read whole blocks (iflag=fullblock)"},
  'no-path': {why: (path) => `there is no ${path}, or it may not be seen`},
  'no-kind': {why: (path) => `${path} is neither a file nor a folder`},
  unread: {why: (path) => `${path} could not be read`},
  changed: {
    why: (path) => `${path} changed while it was read`,
    hint: 'get it again when nobody writes to it',
  },
  'no-owner': {why: () => 'it cannot be given to that owner'},
  'no-mode': {why: () => 'it cannot be given that mode'},
  stranded: {
    why: (path) =>
      `${path} was moved aside and could not be moved back: it is in ${folderOf(path)}/.ftask-*/old`,
  },
  'no-rename': {why: (path) => `it cannot be renamed to ${path}`},
};

/** Why a script ended without saying that all is well: a disk that failed here, else what it complains of. */
export function complaintOf({host, what, path}: Site, {said, noise, result, failure}: Ended): unknown {
  // A script that is ended for it may still complain that nobody listens.
  if (failure?.error instanceof TransferFailed) return failure.error;
  const known = said.flatMap((word) => (Object.hasOwn(COMPLAINTS, word) ? (COMPLAINTS[word] ?? []) : []));
  // The last one is the gravest.
  const complaint = known.at(-1);
  if (!complaint && failure) return failure.error;
  const detail = saidReason(noise);
  const why = complaint?.why(path) ?? (result ? ending(result) : '');
  const hint = detail === DENIED ? 'work as root with sudo: true (--sudo)' : complaint?.hint;
  return new TransferFailed(`${host}: ${what}: ${why}${detail && `: ${detail}`}`, hint ? {hint} : {});
}

function ending({code, signal}: Result): string {
  if (code === 0) return DIFFERS;
  if (signal !== null) return `ended by signal ${signal}`;
  return code === null ? 'the server did not tell how it ended' : `exit code ${code}`;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** What can go wrong with EC2, by class: what happened, where, and what to do about it. */
import {FtaskError, type FtaskErrorOptions} from '../errors.ts';

/** Where a call was going when it failed. */
export interface CallSite {
  /** As permissions name it; EC2 unless told. */
  readonly service?: 'ec2' | 'ebs' | 'kms';
  readonly action: string;
  readonly region: string;
  readonly endpoint?: string;
  /** Whose credentials sign it, where a profile was chosen. */
  readonly profile?: string;
}

/** Any failure of a call to EC2; `code` is EC2's own where it gave one. */
export class Ec2Error extends FtaskError {
  readonly site: CallSite;

  constructor(code: string, message: string, site: CallSite, options?: FtaskErrorOptions) {
    super(code, message, options);
    this.site = site;
  }
}

/** Nobody, or nobody valid, to sign the request with. */
export class CredentialsError extends Ec2Error {}

/** AWS knows who asks and says no. Asking again does not help. */
export class NotPermittedError extends Ec2Error {}

/** This machine's time and AWS's differ by more than requests and time stamps can bear. */
export class ClockError extends Ec2Error {}

/** EC2 did not do it because too much was asked at once. */
export class ThrottledError extends Ec2Error {}

/** The request never reached EC2: nothing was done. */
export class UnreachableError extends Ec2Error {}

/** The answer was lost or unreadable: EC2 may or may not have done it. */
export class LostAnswerError extends Ec2Error {}

/** Whether asking again, unchanged, may succeed. */
export function isTransient(error: unknown): boolean {
  return (
    error instanceof ThrottledError || error instanceof UnreachableError || error instanceof LostAnswerError
  );
}

/** Whether a snapshot that was asked about is gone. */
export function isSnapshotGone(error: unknown): boolean {
  return error instanceof Ec2Error && error.code === 'InvalidSnapshot.NotFound';
}

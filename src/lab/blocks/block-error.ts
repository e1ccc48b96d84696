/** Errors of the EBS direct APIs: https://docs.aws.amazon.com/ebs/latest/userguide/error-retries.html */
import type {Answer} from '../api/answer.ts';
import {ApiError} from '../wire/api-error.ts';
import {jsonCode, jsonFailure} from '../wire/json.ts';

const CONTENT_TYPE = 'application/json';

const STATUS: Readonly<Record<string, number>> = {
  AccessDeniedException: 403,
  InternalServerException: 500,
  InvalidSignatureException: 403,
  MissingAuthenticationTokenException: 403,
  RequestThrottledException: 400,
  ResourceNotFoundException: 404,
  UnrecognizedClientException: 403,
  ValidationException: 400,
};

/** What EC2 says of a snapshot, in the words of this service. */
const REASONS: Readonly<Record<string, readonly [code: string, reason: string]>> = {
  'InvalidSnapshot.NotFound': ['ResourceNotFoundException', 'SNAPSHOT_NOT_FOUND'],
  'InvalidSnapshotID.Malformed': ['ValidationException', 'INVALID_SNAPSHOT_ID'],
  RequestLimitExceeded: ['RequestThrottledException', 'ACCOUNT_THROTTLED'],
};

/** An error with its reason. */
export class BlockError extends ApiError {
  readonly reason: string;

  constructor(code: string, reason: string, message: string) {
    super(code, message);
    this.reason = reason;
  }
}

/** The input fails to satisfy the constraints. */
export function invalid(reason: string, message: string): BlockError {
  return new BlockError('ValidationException', reason, message);
}

/** An error as an answer. */
export function blockFailure(error: ApiError): Answer {
  const [known, reason] = REASONS[error.code] ?? [
    jsonCode(error, {InternalError: 'InternalServerException'}),
    error instanceof BlockError ? error.reason : undefined,
  ];
  return jsonFailure(
    known,
    STATUS[known] ?? error.status,
    {Message: error.message, Reason: reason},
    CONTENT_TYPE,
  );
}

/** Answers in JSON, as AWS's newer services give them. */
import type {Answer} from '../api/answer.ts';
import type {ApiError} from './api-error.ts';

/** What EC2 calls by one name and other services by another. */
const NAMES: Readonly<Record<string, string>> = {
  AuthFailure: 'UnrecognizedClientException',
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  RequestExpired: 'InvalidSignatureException',
  UnauthorizedOperation: 'AccessDeniedException',
};

/** A successful answer. */
export function jsonAnswer(value: object, contentType: string): Answer {
  return {
    status: 200,
    code: undefined,
    body: JSON.stringify(value),
    headers: {'content-type': contentType},
  };
}

/** An error whose code is in a header, as in REST, and in the body, as in JSON RPC. */
export function jsonFailure(code: string, status: number, value: object, contentType: string): Answer {
  return {
    status,
    code,
    body: JSON.stringify({__type: code, ...value}),
    headers: {'content-type': contentType, 'x-amzn-errortype': code},
  };
}

/** The name of an error in these services. */
export function jsonCode({code}: ApiError, own: Readonly<Record<string, string>>): string {
  return own[code] ?? NAMES[code] ?? code;
}

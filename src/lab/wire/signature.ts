/** Reads who calls which region from a request's AWS Signature Version 4. The signature itself is not checked. */
import type {IncomingHttpHeaders} from 'node:http';
import {ApiError} from './api-error.ts';

const MAX_SKEW_MS = 5 * 60 * 1000;

/** The services that the lab has, as a signature names them. */
export type ServiceName = 'ec2' | 'ebs' | 'kms';

/**
 * The region in the credential scope of a request to a service.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
 * @throws ApiError MissingAuthenticationToken, AuthFailure, or RequestExpired when dated over 5 minutes off `wallMs`.
 */
export function signedRegion(
  headers: IncomingHttpHeaders,
  query: URLSearchParams,
  {service: wanted, wallMs}: {readonly service: ServiceName; readonly wallMs: number},
): string {
  const scope = credentialScope(headers.authorization, query);
  const date = headers['x-amz-date'] ?? query.get('X-Amz-Date');
  const signedAt = typeof date === 'string' ? parseAmzDate(date) : Number.NaN;
  if (Number.isNaN(signedAt)) throw authFailure();
  if (Math.abs(signedAt - wallMs) > MAX_SKEW_MS) {
    throw new ApiError('RequestExpired', 'Request has expired.');
  }
  const [, , region, service, terminator] = scope.split('/');
  if (!region || service !== wanted || terminator !== 'aws4_request') throw authFailure();
  return region;
}

/** The answer to credentials that a region does not accept. */
export function authFailure(): ApiError {
  return new ApiError('AuthFailure', 'AWS was not able to validate the provided access credentials');
}

function credentialScope(authorization: string | undefined, query: URLSearchParams): string {
  const presigned = query.get('X-Amz-Credential');
  if (presigned) return presigned;
  if (authorization === undefined) {
    throw new ApiError('MissingAuthenticationToken', 'Request is missing Authentication Token');
  }
  const match = /^AWS4-HMAC-SHA256 .*Credential=([^,\s]+).*Signature=[0-9a-f]{64}/.exec(authorization);
  if (!match?.[1]) throw authFailure();
  return match[1];
}

function parseAmzDate(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

/** Turns what the SDK throws into ftask's own errors. */
import {FtaskError} from '../../errors.ts';
import {
  type CallSite,
  ClockError,
  CredentialsError,
  Ec2Error,
  LostAnswerError,
  NotPermittedError,
  ThrottledError,
  UnreachableError,
} from '../errors.ts';

/** What an error of the SDK may carry; nothing of it is certain. */
interface RawError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly Code?: string;
  readonly $fault?: string;
  readonly syscall?: string;
  readonly $metadata?: {readonly httpStatusCode?: number};
}

const THROTTLED =
  /^(RequestLimitExceeded|ConcurrentLimitExceeded|Throttl|EC2ThrottledException|TooManyRequests|SlowDown|RequestThrottled)/;
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
]);
const BAD_CREDENTIALS = new Set([
  'AuthFailure',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
  'IncompleteSignature',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
]);
const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired']);
const CLOCK = new Set([
  'RequestExpired',
  'InvalidSecurity.RequestHasExpired',
  'RequestTimeTooSkewed',
  'InvalidSignatureException',
]);
const REFUSED = new Set(['UnauthorizedOperation', 'AccessDenied', 'AccessDeniedException']);

/** The class of a failure; errors that are already ftask's own pass unchanged. */
export function classify(error: unknown, site: CallSite): FtaskError {
  if (error instanceof FtaskError) return error;
  const raw = (typeof error === 'object' && error !== null ? error : {message: String(error)}) as RawError;
  return credentials(raw, site, error) ?? refusal(raw, site, error) ?? transport(raw, site, error);
}

function credentials(raw: RawError, site: CallSite, cause: unknown): FtaskError | undefined {
  const name = codeOf(raw) ?? raw.name ?? '';
  if (/^(CredentialsProviderError|TokenProviderError|ProviderError)$/.test(name)) {
    const whose = site.profile === undefined ? '' : ` of profile ${site.profile}`;
    return new CredentialsError(
      'NoCredentials',
      `no AWS credentials${whose}: ${oneLine(raw.message)}`,
      site,
      {
        hint: whose
          ? 'Is it in ~/.aws/config or ~/.aws/credentials? `aws configure list-profiles` shows those that are.'
          : 'Set AWS_PROFILE or --profile, run `aws sso login`, or try `--lab` which needs none.',
        cause,
      },
    );
  }
  if (EXPIRED.has(name)) {
    return new CredentialsError(name, `the AWS credentials have expired (${where(site)})`, site, {
      hint: 'Renew them, for example with `aws sso login`, and run again.',
      cause,
    });
  }
  if (BAD_CREDENTIALS.has(name)) {
    return new CredentialsError(
      name,
      `AWS does not accept the credentials in ${site.region} (${name})`,
      site,
      {
        hint: `Check the access key, and that the region ${site.region} is enabled for the account.`,
        cause,
      },
    );
  }
  if (name === 'OptInRequired') {
    return new NotPermittedError(name, `the region ${site.region} is not enabled for this account`, site, {
      hint: 'Enable it in the account settings, or leave it out with --region or aws.regions.',
      cause,
    });
  }
  if (CLOCK.has(name)) return clockIsWrong(site, {cause});
  return undefined;
}

/** The clock of this machine cannot be trusted; `skewMs` is how far AWS's is ahead of it. */
export function clockIsWrong(
  site: CallSite,
  {skewMs, cause}: {skewMs?: number; cause?: unknown} = {},
): ClockError {
  const howFar =
    skewMs === undefined
      ? 'is too far off'
      : `is ${Math.round(Math.abs(skewMs) / 60_000)} minutes ${skewMs > 0 ? 'behind' : 'ahead of'}`;
  return new ClockError('ClockSkew', `this machine's clock ${howFar} AWS's (${where(site)})`, site, {
    hint: 'Set the clock (for example `timedatectl set-ntp true`): requests and time tags depend on it.',
    cause,
  });
}

function refusal(raw: RawError, site: CallSite, cause: unknown): FtaskError | undefined {
  const code = codeOf(raw);
  if (code === undefined) return undefined;
  const permission = `${site.service ?? 'ec2'}:${site.action}`;
  if (THROTTLED.test(code)) {
    return new ThrottledError(code, `throttled by AWS: ${where(site)}`, site, {
      hint: 'Another tool uses the same quota; run again later or ask AWS for a higher one.',
      cause,
    });
  }
  if (REFUSED.has(code)) {
    return new NotPermittedError(code, `not permitted: ${permission} in ${site.region}`, site, {
      hint: `Allow ${permission} in the IAM policy of these credentials.`,
      cause,
    });
  }
  // A 5xx with a code says that AWS failed on the way, not how far it came; but this one says that there was no room.
  if (!/^Insufficient\w*Capacity$/.test(code) && (raw.$metadata?.httpStatusCode ?? 400) >= 500) {
    return new LostAnswerError(
      code,
      `${nameOf(site)} failed: ${where(site)}: ${oneLine(raw.message) || code}`,
      site,
      {cause},
    );
  }
  return new Ec2Error(code, `${where(site)}: ${oneLine(raw.message) || code} (${code})`, site, {cause});
}

function transport(raw: RawError, site: CallSite, cause: unknown): FtaskError {
  const to = site.endpoint ?? `${nameOf(site)} in ${site.region}`;
  if (raw.code !== undefined && isNeverSent(raw)) {
    return new UnreachableError(raw.code, `cannot reach ${to}: ${oneLine(raw.message)}`, site, {
      hint: 'Check the network, a proxy, and --endpoint-url.',
      cause,
    });
  }
  const status = raw.$metadata?.httpStatusCode;
  const isCutOff = raw.name === 'TimeoutError' || raw.code === 'ECONNRESET';
  if (status !== undefined && !isCutOff) return notEc2(site, `HTTP ${status}`, cause);
  return new LostAnswerError(
    raw.code ?? 'LostAnswer',
    `no answer from ${to} to ${site.action}: ${oneLine(raw.message)}`,
    site,
    {
      hint: 'Check the network and run again.',
      cause,
    },
  );
}

/** A network that goes away under an open connection gives the same codes, with the request on its way. */
function isNeverSent({code = '', syscall}: RawError): boolean {
  return NEVER_SENT.has(code) && syscall !== 'read' && syscall !== 'write';
}

/** Something answered, but not EC2: a proxy, a login page, another service. */
export function notEc2(site: CallSite, what: string, cause?: unknown): LostAnswerError {
  const to = site.endpoint ?? `the address of ${nameOf(site)} in ${site.region}`;
  return new LostAnswerError('NotEc2', `what answers at ${to} is not ${nameOf(site)} (${what})`, site, {
    hint: 'Check --endpoint-url and whether a proxy or a login page stands in between.',
    cause,
  });
}

/** EC2 gives a code of its own; elsewhere it is the name of the error, unless the SDK could not read the answer. */
function codeOf({Code, $fault, name}: RawError): string | undefined {
  if (Code !== undefined || $fault === undefined) return Code;
  return name === undefined || /^Unknown(Error)?$|^Error$/.test(name) ? undefined : name;
}

function nameOf({service = 'ec2'}: CallSite): string {
  return service.toUpperCase();
}

function where(site: CallSite): string {
  return `${site.action} in ${site.region}`;
}

/** AWS appends an encoded blob to refusals, and the SDK a hint for programmers: neither is for an operator. */
function oneLine(message: string | undefined): string {
  const line = (message ?? '').split('\n', 1)[0] ?? '';
  return line.replace(/\s*Encoded authorization failure message:.*$/, '').trim();
}

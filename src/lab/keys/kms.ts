/** KMS's DescribeKey: https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html */
import type {Answer} from '../api/answer.ts';
import type {Asked, HttpRequest, Protocol} from '../api/protocol.ts';
import type {Endpoint} from '../endpoint.ts';
import {ApiError} from '../wire/api-error.ts';
import {jsonAnswer, jsonCode, jsonFailure} from '../wire/json.ts';
import {authFailure} from '../wire/signature.ts';
import {findKey, type Key} from './keys.ts';

const CONTENT_TYPE = 'application/x-amz-json-1.1';
const SERVICE = 'TrentService.';
const MAX_NAME = 2048;

export const kms: Protocol = {
  service: 'kms',
  actionOf: ({headers}) => String(headers['x-amz-target']).replace(SERVICE, ''),
  answer: async (request, asked, endpoint) => {
    try {
      return jsonAnswer(describeKey(request, asked, endpoint), CONTENT_TYPE);
    } catch (error) {
      if (error instanceof ApiError) return failure(error);
      throw error;
    }
  },
  failure,
};

function failure(error: ApiError): Answer {
  const code = jsonCode(error, {
    InternalError: 'KMSInternalException',
    RequestLimitExceeded: 'ThrottlingException',
  });
  return jsonFailure(code, error.status >= 500 ? 500 : 400, {message: error.message}, CONTENT_TYPE);
}

function describeKey({body}: HttpRequest, {action, region}: Asked, {world, throttle}: Endpoint): object {
  if (action !== 'DescribeKey') throw new ApiError('UnknownOperationException', '');
  const {fleet, clock} = world;
  if (!fleet.regions[region]?.opted_in) throw authFailure();
  throttle.take(region, action, new URLSearchParams(), clock.now());
  const name = nameIn(body);
  const key = findKey(name, region, fleet);
  if (!key) throw notFound(name, region, fleet.account);
  return {KeyMetadata: metadata(key, fleet.account)};
}

function nameIn(body: string): string {
  const {KeyId: name} = parsed(body);
  if (typeof name === 'string' && name.length >= 1 && name.length <= MAX_NAME) return name;
  throw new ApiError(
    'ValidationException',
    "1 validation error detected: Value at 'keyId' failed to satisfy constraint: Member must not be null",
  );
}

function parsed(body: string): {readonly KeyId?: unknown} {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    throw new ApiError('SerializationException', '');
  }
}

/** In KMS's own words, by the form of what was asked for. */
function notFound(name: string, region: string, account: string): ApiError {
  const arn = /^arn:aws[^:]*:kms:([^:]*):\d{12}:(key|alias)\/.+$/.exec(name);
  if (name.startsWith('arn:') && !arn) return new ApiError('InvalidArnException', `Invalid arn ${name}`);
  if (arn && arn[1] !== region) return new ApiError('NotFoundException', `Invalid arn ${arn[1]}`);
  const own = `arn:aws:kms:${region}:${account}:`;
  if (name.startsWith('alias/') || arn?.[2] === 'alias') {
    return new ApiError('NotFoundException', `Alias ${arn ? name : own + name} is not found.`);
  }
  if (!arn && !/^(mrk-)?[0-9a-f-]{32,36}$/.test(name)) {
    return new ApiError('NotFoundException', `Invalid keyId '${name}'`);
  }
  return new ApiError('NotFoundException', `Key '${arn ? name : `${own}key/${name}`}' does not exist`);
}

function metadata({arn, state, isSymmetric, isOfAws}: Key, account: string): object {
  const spec = isSymmetric ? 'SYMMETRIC_DEFAULT' : 'RSA_2048';
  return {
    AWSAccountId: account,
    Arn: arn,
    CreationDate: 1_600_000_000,
    CustomerMasterKeySpec: spec,
    Description: '',
    Enabled: state === 'Enabled',
    EncryptionAlgorithms: [isSymmetric ? 'SYMMETRIC_DEFAULT' : 'RSAES_OAEP_SHA_256'],
    KeyId: arn.slice(arn.indexOf('/') + 1),
    KeyManager: isOfAws ? 'AWS' : 'CUSTOMER',
    KeySpec: spec,
    KeyState: state,
    KeyUsage: 'ENCRYPT_DECRYPT',
    MultiRegion: false,
    Origin: 'AWS_KMS',
  };
}

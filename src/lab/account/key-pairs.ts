/** Key pairs: CreateKeyPair, ImportKeyPair, DeleteKeyPair, DescribeKeyPairs. */
import {createHash, generateKeyPairSync, type KeyObject} from 'node:crypto';
import type {
  KeyPair as CreatedKeyPair,
  CreateKeyPairRequest,
  DeleteKeyPairRequest,
  DeleteKeyPairResult,
  DescribeKeyPairsRequest,
  DescribeKeyPairsResult,
  ImportKeyPairRequest,
  ImportKeyPairResult,
} from '@aws-sdk/client-ec2';
import {type Call, given, type Handler, required} from '../api/call.ts';
import {compileFilters} from '../api/filters.ts';
import {find, isVisible} from '../api/find.ts';
import {tagSet, tagsFor} from '../api/tag-rules.ts';
import type {KeyPair} from '../state/entities.ts';
import {ApiError} from '../wire/api-error.ts';

/** Makes RSA keys; the private one is in the answer and nowhere else. */
export const createKeyPair: Handler<CreateKeyPairRequest, CreatedKeyPair> = (input, call) => {
  const name = freeName(input.KeyName, call);
  if ((input.KeyType ?? 'rsa') !== 'rsa') {
    throw new ApiError(
      'UnsupportedOperation',
      'The lab makes RSA keys only; import others with ImportKeyPair.',
    );
  }
  const {publicKey, privateKey} = generateKeyPairSync('rsa', {modulusLength: 2048});
  const der = privateKey.export({type: 'pkcs8', format: 'der'});
  const pair: KeyPair = {
    ...call.born('key', tagsFor(input.TagSpecifications, 'key-pair')),
    name,
    type: 'rsa',
    fingerprint: colons(createHash('sha1').update(der).digest('hex')),
    publicKey: `${openSshKey(publicKey)} ${name}`,
  };
  call.changes.put('key-pair', pair);
  return {
    KeyPairId: pair.id,
    KeyName: name,
    KeyFingerprint: pair.fingerprint,
    KeyMaterial: privateKey.export({type: 'pkcs1', format: 'pem'}).toString(),
    Tags: tagSet(pair.tags),
  };
};

export const importKeyPair: Handler<ImportKeyPairRequest, ImportKeyPairResult> = (input, call) => {
  const name = freeName(input.KeyName, call);
  const material = Buffer.from(required(input.PublicKeyMaterial, 'PublicKeyMaterial')).toString('utf8');
  const pair: KeyPair = {
    ...call.born('key', tagsFor(input.TagSpecifications, 'key-pair')),
    name,
    ...importedKey(material.trim()),
  };
  call.changes.put('key-pair', pair);
  return {KeyPairId: pair.id, KeyName: name, KeyFingerprint: pair.fingerprint, Tags: tagSet(pair.tags)};
};

/** What a key pair is when its public key was made elsewhere. @throws ApiError InvalidKey.Format */
export function importedKey(publicKey: string): Pick<KeyPair, 'type' | 'fingerprint' | 'publicKey'> {
  const [, algorithm, material] = /^ssh-(rsa|ed25519) ([A-Za-z0-9+/=]+)/.exec(publicKey) ?? [];
  if (!material) throw new ApiError('InvalidKey.Format', 'Key is not in valid OpenSSH public key format');
  return {
    type: algorithm === 'ed25519' ? 'ed25519' : 'rsa',
    fingerprint: colons(createHash('md5').update(Buffer.from(material, 'base64')).digest('hex')),
    publicKey,
  };
}

/** Deleting what does not exist succeeds, as on AWS. */
export const deleteKeyPair: Handler<DeleteKeyPairRequest, DeleteKeyPairResult> = (input, call) => {
  const pair = input.KeyPairId
    ? find('key-pair', input.KeyPairId, call)
    : named(required(input.KeyName, 'KeyName'), call);
  if (pair) call.changes.delete('key-pair', pair);
  return {Return: true, KeyPairId: pair?.id};
};

export const describeKeyPairs: Handler<DescribeKeyPairsRequest, DescribeKeyPairsResult> = (input, call) => {
  const passes = compileFilters<KeyPair>(input.Filters, {
    'key-pair-id': ({id}) => id,
    'key-name': ({name}) => name,
    fingerprint: ({fingerprint}) => fingerprint,
  });
  return {
    KeyPairs: chosen(input, call)
      .filter(passes)
      .map((pair) => ({
        KeyPairId: pair.id,
        KeyName: pair.name,
        KeyType: pair.type,
        KeyFingerprint: pair.fingerprint,
        CreateTime: new Date(pair.createdAt),
        PublicKey: input.IncludePublicKey ? pair.publicKey : undefined,
        Tags: tagSet(pair.tags),
      })),
  };
};

function chosen(input: DescribeKeyPairsRequest, call: Call): KeyPair[] {
  const ids = given(input.KeyPairIds);
  if (ids) return ids.map((id) => find('key-pair', id, call));
  const names = given(input.KeyNames);
  if (!names) return [...call.store.all('key-pair', call.region)].filter((pair) => isVisible(pair, call.now));
  return names.map((name) => {
    const pair = named(name, call);
    if (pair && isVisible(pair, call.now)) return pair;
    throw new ApiError('InvalidKeyPair.NotFound', `The key pair '${name}' does not exist`);
  });
}

function named(name: string, call: Call): KeyPair | undefined {
  return [...call.store.all('key-pair', call.region)].find((pair) => pair.name === name);
}

/** A name is taken from the moment that its pair is made, and before anybody is shown it. */
function freeName(given: string | undefined, call: Call): string {
  const name = required(given, 'KeyName');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: AWS takes ASCII only -- all of it
  if (!/^[\x00-\x7F]{1,255}$/.test(name)) {
    throw new ApiError('InvalidParameterValue', `Value (${name}) for parameter KeyName is invalid.`);
  }
  if (!named(name, call)) return name;
  throw new ApiError('InvalidKeyPair.Duplicate', `The keypair '${name}' already exists.`);
}

/**
 * RFC 4253 §6.6: the name of the algorithm, then e and n, each with its length before it. Their bytes are those of the
 * key's DER (RFC 8017 §A.1.1), which has n of 2048 bits after its first 8 bytes and e at its end. Not from a JWK: Node 20
 * sometimes stands still for ever in that export.
 */
function openSshKey(key: KeyObject): string {
  const der = key.export({type: 'pkcs1', format: 'der'});
  const parts = [Buffer.from('ssh-rsa'), der.subarray(-3), der.subarray(8, 8 + 257)];
  const blob = Buffer.concat(parts.flatMap((part) => [lengthOf(part), part]));
  return `ssh-rsa ${blob.toString('base64')}`;
}

function lengthOf(part: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(part.length);
  return length;
}

function colons(hex: string): string {
  return (hex.match(/../g) ?? []).join(':');
}

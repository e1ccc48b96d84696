/** Keys that are made for one use and live in memory only. */
import {generateKeyPairSync, randomBytes} from 'node:crypto';
import {Secret} from '../../secret.ts';

export interface KeyPair {
  /** In OpenSSH's own format, without a passphrase. */
  readonly privateKey: Secret;
  /** `ssh-ed25519 AAAA... COMMENT`, as in authorized_keys. */
  readonly publicKey: string;
}

const TYPE = 'ssh-ed25519';
const LINE = 70;
/** RFC 8410: the bytes of either half, which its DER ends with. */
const RAW = 32;

/**
 * Makes an Ed25519 key pair (PROTOCOL.key of OpenSSH). Not with ssh2's own generator: it cuts off a zero byte at the
 * beginning of the public key, so that one of 256 does not fit its private key.
 */
export function makeKeyPair(comment: string): KeyPair {
  // Not as JWK: Node 20 sometimes stands still for ever in that export, once in some 100,000 keys.
  const pair = generateKeyPairSync('ed25519', {
    privateKeyEncoding: {format: 'der', type: 'pkcs8'},
    publicKeyEncoding: {format: 'der', type: 'spki'},
  });
  const [seed, point] = [pair.privateKey.subarray(-RAW), pair.publicKey.subarray(-RAW)];
  const publicKey = Buffer.concat([field(TYPE), field(point)]);
  const check = randomBytes(4);
  const secret = Buffer.concat([
    ...[check, check, field(TYPE), field(point), field(Buffer.concat([seed, point])), field(comment)],
  ]);
  const file = Buffer.concat([
    ...[Buffer.from('openssh-key-v1\0'), field('none'), field('none'), field('')],
    ...[number(1), field(publicKey), field(padded(secret))],
  ]);
  return {
    privateKey: new Secret(armoured(file)),
    publicKey: `${TYPE} ${publicKey.toString('base64')} ${comment}`,
  };
}

/** RFC 4251, 5: a string is its length and its bytes. */
function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([number(bytes.length), bytes]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** To whole blocks of 8, with 1, 2, 3, ... */
function padded(secret: Buffer): Buffer {
  const missing = (8 - (secret.length % 8)) % 8;
  return Buffer.concat([secret, Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, missing))]);
}

function armoured(file: Buffer): string {
  const lines = file.toString('base64').match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join(
    '\n',
  );
}

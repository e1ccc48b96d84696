/** A key in a file: its public half at once, its private half when it has to sign. */
import {createPrivateKey} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import type {ParsedKey} from 'ssh2';
import {AuthenticationFailed} from '../../host/failures.ts';
import type {Secret} from '../../secret.ts';
import {loadSsh2, type Ssh2} from '../ssh2.ts';

/** Asks a person; rejects when there is nobody to ask or they will not say. */
export type Ask = (question: string) => Promise<Secret>;

const PASSPHRASE_TRIES = 3;
const OPENSSH_MAGIC = 'openssh-key-v1\0';

export interface KeyFile {
  readonly path: string;
  /** Undefined when it cannot be told without the passphrase. */
  readonly publicKey: ParsedKey | undefined;
  /** The file holds no private key: it names one that the agent has. */
  readonly isPublicOnly: boolean;
  /**
   * The private key. Asks for its passphrase when it has one, once however often and for however many hosts it is
   * called. @throws AuthenticationFailed
   */
  unlock(): Promise<ParsedKey>;
}

/** Reads a key file. @throws what reading throws; Error when it holds no key that ssh2 understands */
export async function readKeyFile(path: string, ask: Ask | undefined): Promise<KeyFile> {
  const [content, ssh2] = await Promise.all([readFile(path, 'utf8'), loadSsh2()]);
  const {parseKey} = ssh2.utils;
  const key = parse(ssh2, content);
  if (!(key instanceof Error)) {
    return {path, publicKey: key, isPublicOnly: !key.isPrivateKey(), unlock: async () => key};
  }
  if (!isEncrypted(content, key)) throw key;
  const beside = await readFile(`${path}.pub`, 'utf8').then(parseKey, () => undefined);
  const inside = publicHalf(content);
  const publicKey = [inside && parseKey(inside), beside].find((found) => found && !(found instanceof Error));
  let unlocked: Promise<ParsedKey> | undefined;
  return {
    path,
    publicKey: publicKey as ParsedKey | undefined,
    isPublicOnly: false,
    unlock: () => {
      unlocked ??= unlock(ssh2, path, content, ask);
      return unlocked;
    },
  };
}

async function unlock(ssh2: Ssh2, path: string, content: string, ask: Ask | undefined): Promise<ParsedKey> {
  if (!ask) {
    throw new AuthenticationFailed(`${path} has a passphrase, and there is no terminal to ask for it`, {
      hint: `give the key to an agent first: ssh-add ${path}`,
    });
  }
  for (let tries = 1; tries <= PASSPHRASE_TRIES; tries += 1) {
    const passphrase = await ask(
      tries === 1 ? `Passphrase for ${path}: ` : `Wrong. Passphrase for ${path}: `,
    );
    const key = parse(ssh2, content, passphrase);
    if (!(key instanceof Error)) return key;
  }
  throw new AuthenticationFailed(`${path}: the passphrase was wrong ${PASSPHRASE_TRIES} times`);
}

function parse({utils}: Ssh2, content: string, passphrase?: Secret): ParsedKey | Error {
  if (!isPkcs8(content)) return utils.parseKey(content, passphrase?.reveal());
  // ssh2 reads each kind's own PEM only.
  try {
    const key = createPrivateKey({key: content, format: 'pem', passphrase: passphrase?.reveal()});
    const type = key.asymmetricKeyType === 'ec' ? 'sec1' : 'pkcs1';
    return utils.parseKey(key.export({format: 'pem', type}));
  } catch (error) {
    return error as Error;
  }
}

function isPkcs8(content: string): boolean {
  return /^-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/m.test(content);
}

function isEncrypted(content: string, error: Error): boolean {
  return /-----BEGIN ENCRYPTED PRIVATE KEY-----/.test(content) || /encrypted/i.test(error.message);
}

/** OpenSSH's own format holds the public key in the clear (PROTOCOL.key). */
function publicHalf(content: string): Buffer | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(content)?.[1];
  const data = Buffer.from(body ?? '', 'base64');
  if (data.subarray(0, OPENSSH_MAGIC.length).toString('latin1') !== OPENSSH_MAGIC) return undefined;
  let at = OPENSSH_MAGIC.length;
  const field = () => {
    const length = data.readUInt32BE(at);
    at += 4 + length;
    return data.subarray(at - length, at);
  };
  // Cipher, key derivation and its options, then the number of keys, which is always one.
  field();
  field();
  field();
  at += 4;
  return field();
}

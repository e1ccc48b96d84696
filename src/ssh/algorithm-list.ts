/** Lists of algorithms as ssh_config writes them, and what the library ssh2 has to offer. */
import {matchesPattern} from './pattern.ts';

export type AlgorithmKind = 'ciphers' | 'macs' | 'kexAlgorithms' | 'hostKeyAlgorithms';

/**
 * The list that is meant: `+` adds to the defaults, `-` takes away, `^` puts in front; names may be patterns.
 * What is not supported is left out, so the list can be empty.
 */
export function algorithmList(
  written: string | undefined,
  supported: readonly string[],
  defaults: readonly string[],
): string[] {
  if (written === undefined) return [...defaults];
  const mark = /^[+^-]/.exec(written)?.[0];
  const patterns = written.slice(mark ? 1 : 0).split(',');
  const isNamed = (name: string): boolean => patterns.some((pattern) => matchesPattern(name, pattern));
  if (mark === '-') return defaults.filter((name) => !isNamed(name));
  const named = patterns.flatMap((pattern) => supported.filter((name) => matchesPattern(name, pattern)));
  if (mark === '+') return [...new Set([...defaults, ...named])];
  return [...new Set(mark === '^' ? [...named, ...defaults] : named)];
}

/** All that ssh2 1.17 can do without its native part, weak ones included: to be used when they are asked for. */
export const SUPPORTED: Readonly<Record<AlgorithmKind, readonly string[]>> = {
  ciphers: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
    'chacha20-poly1305@openssh.com',
    'aes256-cbc',
    'aes192-cbc',
    'aes128-cbc',
    '3des-cbc',
  ],
  macs: [
    'hmac-sha2-256-etm@openssh.com',
    'hmac-sha2-512-etm@openssh.com',
    'hmac-sha1-etm@openssh.com',
    'hmac-sha2-256',
    'hmac-sha2-512',
    'hmac-sha1',
    'hmac-md5',
  ],
  kexAlgorithms: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
    'diffie-hellman-group-exchange-sha1',
    'diffie-hellman-group14-sha1',
    'diffie-hellman-group1-sha1',
  ],
  hostKeyAlgorithms: [
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'rsa-sha2-512',
    'rsa-sha2-256',
    'ssh-rsa',
  ],
};

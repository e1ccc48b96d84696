/** What is offered in the handshake: nothing with sha1, md5, cbc or arcfour, unless the configuration asks for it. */
import type {Algorithms} from 'ssh2';
import {UsageError} from '../../errors.ts';
import {type AlgorithmKind, algorithmList, SUPPORTED} from '../algorithm-list.ts';
import type {SshSettings} from '../settings.ts';

/** The key exchange to ask for first: OpenSSL has it in assembly, while sshd does curve25519 in C and takes 15 % longer for a login. */
const CHEAPEST = 'ecdh-sha2-nistp256';
const WEAK = /sha1|md5|cbc|^ssh-rsa$/;

/** The lists for one host. `knownTypes` are those of its known keys: they come first, so that a known key is the one it shows. */
export function algorithmsFor(settings: SshSettings, knownTypes: readonly string[]): Algorithms {
  const list = (kind: AlgorithmKind) => {
    const strong = SUPPORTED[kind].filter((name) => !WEAK.test(name));
    const found = algorithmList(settings[kind], SUPPORTED[kind], frontOf(strong, CHEAPEST));
    // ssh2 takes an empty list for its own defaults, weak ones included.
    if (found.length > 0) return found;
    throw new UsageError('NoAlgorithm', `${settings.alias}: no algorithm of ${settings[kind]} can be used`, {
      hint: `it is set at ${settings.origins[kind.toLowerCase()]}`,
    });
  };
  const hostKeys = list('hostKeyAlgorithms');
  const isKnown = (name: string) => knownTypes.includes(name.startsWith('rsa-sha2-') ? 'ssh-rsa' : name);
  // ssh2's types are lists of the names it knows; SUPPORTED holds no others.
  return {
    kex: list('kexAlgorithms'),
    cipher: list('ciphers'),
    hmac: list('macs'),
    serverHostKey: [...hostKeys.filter(isKnown), ...hostKeys.filter((name) => !isKnown(name))],
    compress: settings.compression ? ['zlib@openssh.com', 'none'] : ['none'],
  } as Algorithms;
}

function frontOf(names: readonly string[], first: string): readonly string[] {
  return names.includes(first) ? [first, ...names.filter((name) => name !== first)] : names;
}

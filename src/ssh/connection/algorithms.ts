/** What is offered in the handshake: nothing with sha1, md5, cbc or arcfour, unless the configuration asks for it. */
import type {Algorithms} from 'ssh2';
import {type AlgorithmKind, algorithmList, SUPPORTED} from '../algorithm-list.ts';
import type {SshSettings} from '../settings.ts';

const WEAK = /sha1|md5|cbc|^ssh-rsa$/;

/** The lists for one host. `knownTypes` are those of its known keys: they come first, so that a known key is the one it shows. */
export function algorithmsFor(settings: SshSettings, knownTypes: readonly string[]): Algorithms {
  const list = (kind: AlgorithmKind) =>
    algorithmList(
      settings[kind],
      SUPPORTED[kind],
      SUPPORTED[kind].filter((name) => !WEAK.test(name)),
    );
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

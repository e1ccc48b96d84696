/** Why a host can only be reached by the system's ssh: what its configuration asks for and ssh2 lacks. */
import {readFile, stat} from 'node:fs/promises';
import {type AlgorithmKind, algorithmList, SUPPORTED} from '../algorithm-list.ts';
import type {KnownHosts} from '../known-hosts/known-hosts.ts';
import {keyPlace} from '../known-hosts/verify.ts';
import type {SshSettings} from '../settings.ts';
import type {ConfigLine} from './files/line.ts';

/** Keywords that ask for something with any value but these. */
const LACKING: Readonly<Record<string, RegExp>> = {
  bindinterface: /^none$/i,
  certificatefile: /^none$/i,
  hostbasedauthentication: /^(no|false)$/i,
  knownhostscommand: /^none$/i,
  pkcs11provider: /^none$/i,
  preferredauthentications: /^(?!gssapi|hostbased)/i,
  proxyusefdpass: /^(no|false)$/i,
  revokedhostkeys: /^none$/i,
};

const ALGORITHMS: Readonly<Record<string, AlgorithmKind>> = {
  ciphers: 'ciphers',
  macs: 'macs',
  kexalgorithms: 'kexAlgorithms',
  hostkeyalgorithms: 'hostKeyAlgorithms',
};

type Settings = Omit<SshSettings, 'ignored' | 'needsOpenSsh' | 'sshArguments'>;

/** One reason a line; empty when ssh2 can do it. Looks at the key files that exist, never at what is secret in them. */
export async function needsOpenSsh(
  settings: Settings,
  lines: readonly ConfigLine[],
  knownHosts: KnownHosts,
): Promise<string[]> {
  const isFirst = (line: ConfigLine): boolean => lines.find(({keyword}) => keyword === line.keyword) === line;
  const asked = lines.filter(isFirst).filter(({keyword, rest}) => LACKING[keyword]?.test(rest) === false);
  const foreign = lines.filter(isFirst).filter(({keyword, words: [list = '']}) => {
    const kind = ALGORITHMS[keyword];
    return kind && algorithmList(list, SUPPORTED[kind], SUPPORTED[kind]).length === 0;
  });
  const [authority] = knownHosts.authoritiesFor(keyPlace(settings));
  return [
    ...asked.map(({written, origin}) => `${written} (${origin})`),
    ...foreign.map(({written, origin}) => `ssh2 can do none of ${written} (${origin})`),
    ...(authority ? [`host certificates are trusted (${authority.file}:${authority.line})`] : []),
    ...(settings.pubkeyAuthentication ? await keyReasons(settings) : []),
  ];
}

async function keyReasons({identityFiles, identityAgent, origins}: Settings): Promise<string[]> {
  const keys = await Promise.all(identityFiles.map(keyAt));
  const reasons = keys.flatMap((key) => (key.certificate ? [`a certificate: ${key.certificate}`] : []));
  const securityKeys = keys.filter(({isSecurityKey}) => isSecurityKey);
  // One of ssh's default places is no wish for it while there are other keys.
  const hasOther =
    identityAgent !== undefined || keys.some(({exists, isSecurityKey}) => exists && !isSecurityKey);
  if (origins['identityfile'] === undefined && hasOther) return reasons;
  return [...reasons, ...securityKeys.map(({path}) => `a security key: ${path}`)];
}

interface KeyFile {
  readonly path: string;
  readonly exists: boolean;
  readonly isSecurityKey: boolean;
  readonly certificate: string | undefined;
}

async function keyAt(path: string): Promise<KeyFile> {
  const [exists, publicKey, certificate] = await Promise.all([
    isThere(path),
    readFile(`${path}.pub`, 'utf8').catch(() => ''),
    isThere(`${path}-cert.pub`),
  ]);
  return {
    path,
    exists,
    isSecurityKey: publicKey.startsWith('sk-'),
    certificate: certificate ? `${path}-cert.pub` : undefined,
  };
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

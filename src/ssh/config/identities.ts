/** The keys that a host is offered: IdentityFile and IdentityAgent. */
import {join} from 'node:path';
import type {ConfigLine} from './files/line.ts';
import {expandPath, type TokenValues} from './tokens.ts';
import {wordOf} from './values.ts';

/** OpenSSH's own, in its order; those it tries for DSA and XMSS keys are of no use any more. */
const DEFAULT_IDENTITIES = ['id_rsa', 'id_ecdsa', 'id_ecdsa_sk', 'id_ed25519', 'id_ed25519_sk'];

/** The files of all lines, each once, or the default ones; some may not exist. */
export function identityFilesOf(lines: readonly ConfigLine[], values: TokenValues): string[] {
  const said = lines.filter(({keyword}) => keyword === 'identityfile');
  if (said.length === 0) return DEFAULT_IDENTITIES.map((name) => join(values.homeDir, '.ssh', name));
  const paths = said
    .filter((line) => wordOf(line).toLowerCase() !== 'none')
    .map((line) => expandPath(wordOf(line), line, values));
  return [...new Set(paths)];
}

/** The agent's socket: as configured, else that of the environment; undefined when there is none. */
export function identityAgentOf(line: ConfigLine | undefined, values: TokenValues): string | undefined {
  const fromEnvironment = values.env['SSH_AUTH_SOCK'] || undefined;
  if (line === undefined) return fromEnvironment;
  const word = wordOf(line);
  if (word.toLowerCase() === 'none') return undefined;
  if (word === 'SSH_AUTH_SOCK') return fromEnvironment;
  const variable = /^\$(\w+)$/.exec(word)?.[1];
  return variable === undefined ? expandPath(word, line, values) : values.env[variable] || undefined;
}

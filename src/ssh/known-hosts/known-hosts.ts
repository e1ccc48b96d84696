/** The host keys that are known: looked up by name, and added to. */
import {readFile} from 'node:fs/promises';
import {FtaskError} from '../../errors.ts';
import {matchesAny} from '../pattern.ts';
import {appendKnownKey} from './append.ts';
import {type KnownKey, keyTypeOf, readKnownKey} from './line.ts';
import {hashName, isHashOf, type KeyPlace, knownName} from './names.ts';

/** What is known of a key that a host presents. */
export type Verdict =
  | {readonly kind: 'known'}
  | {readonly kind: 'unknown'}
  /** Another key is known. `known` is of the same type when there is one. */
  | {readonly kind: 'changed'; readonly known: KnownKey}
  | {readonly kind: 'revoked'; readonly known: KnownKey}
  /** Only certificates are trusted here. */
  | {readonly kind: 'needs-ca'; readonly known: KnownKey};

export interface AddOptions {
  /** Where it is appended to; the folder is made when it is missing. */
  readonly file: string;
  readonly isHashed: boolean;
}

/** All known host keys of some files. */
export class KnownHosts {
  /** `file:line: why` for each line that was passed over. */
  readonly warnings: readonly string[];
  readonly #keys: KnownKey[];
  readonly #byName = new Map<string, KnownKey[]>();
  readonly #byPattern: KnownKey[] = [];
  readonly #hashed: KnownKey[] = [];
  readonly #found = new Map<string, readonly KnownKey[]>();

  private constructor(keys: KnownKey[], warnings: readonly string[]) {
    this.#keys = keys;
    this.warnings = warnings;
    for (const key of keys) this.#index(key);
  }

  /** Reads the files in their order; one that is missing is as good as empty. */
  static async load(files: readonly string[]): Promise<KnownHosts> {
    const keys: KnownKey[] = [];
    const warnings: string[] = [];
    for (const file of files) {
      for (const [index, text] of (await textOf(file)).split('\n').entries()) {
        const key = readKnownKey(text, file, index + 1);
        if (key === 'broken') warnings.push(`${file}:${index + 1}: not a known host key`);
        else if (key !== undefined) keys.push(key);
      }
    }
    return new KnownHosts(keys, warnings);
  }

  /** Knows one host by one key, `ssh-ed25519 AAAA...`, that is in no file. @throws Error when it is none */
  static ofHost(place: KeyPlace, publicKey: string): KnownHosts {
    const key = readKnownKey(`${knownName(place)} ${publicKey}`, 'the key that was given', 0);
    if (key === 'broken' || key === undefined) throw new Error('what was given as a host key is none');
    return new KnownHosts([key], []);
  }

  /** The keys, authorities and revocations for a name, in the order of the files. */
  find(name: string): readonly KnownKey[] {
    const known = this.#found.get(name);
    if (known) return known;
    const matching = new Set([
      ...(this.#byName.get(name) ?? []),
      ...this.#byPattern.filter(({names}) => matchesAny(name, names.toLowerCase().split(','))),
      ...this.#hashed.filter(({names}) => isHashOf(names, name)),
    ]);
    const found = this.#keys.filter((key) => matching.has(key));
    this.#found.set(name, found);
    return found;
  }

  /**
   * What is known of a key. As in ssh, a key that is known for the host counts for another port of it when
   * nothing is known for that port.
   */
  check(place: KeyPlace, key: Buffer): Verdict {
    const verdict = judge(this.find(knownName(place)), key);
    if (verdict.kind !== 'unknown' || place.port === 22 || place.alias !== undefined) return verdict;
    const atHost = judge(this.find(knownName({...place, port: 22})), key);
    return atHost.kind === 'known' || atHost.kind === 'revoked' ? atHost : verdict;
  }

  /** The types of the keys that are known for the host (`ssh-rsa`): it should be asked for these first. */
  keyTypesFor(place: KeyPlace): string[] {
    const own = this.find(knownName(place));
    const keys =
      own.length > 0 || place.alias !== undefined ? own : this.find(knownName({...place, port: 22}));
    return [...new Set(keys.filter(({marker}) => marker === 'none').map(({keyType}) => keyType))];
  }

  /** The lines that trust an authority for this host. */
  authoritiesFor(place: KeyPlace): readonly KnownKey[] {
    return this.find(knownName(place)).filter(({marker}) => marker === 'cert-authority');
  }

  /** Knows a key from now on, and appends it to a file. Many may be added at once; what is known is not repeated. */
  async add(place: KeyPlace, key: Buffer, {file, isHashed}: AddOptions): Promise<void> {
    if (this.check(place, key).kind === 'known') return;
    const name = knownName(place);
    const names = isHashed ? hashName(name) : name;
    const known: KnownKey = {marker: 'none', names, keyType: keyTypeOf(key) ?? '', key, file, line: 0};
    this.#keys.push(known);
    this.#index(known);
    this.#found.delete(name);
    await appendKnownKey(file, known);
  }

  #index(key: KnownKey): void {
    if (key.names.startsWith('|')) this.#hashed.push(key);
    else if (/[*?!]/.test(key.names)) this.#byPattern.push(key);
    else for (const name of key.names.toLowerCase().split(',')) this.#at(name).push(key);
  }

  #at(name: string): KnownKey[] {
    const keys = this.#byName.get(name) ?? [];
    this.#byName.set(name, keys);
    return keys;
  }
}

function judge(keys: readonly KnownKey[], key: Buffer): Verdict {
  const of = (marker: KnownKey['marker']): KnownKey[] => keys.filter((known) => known.marker === marker);
  const revoked = of('revoked').find((known) => known.key.equals(key));
  if (revoked) return {kind: 'revoked', known: revoked};
  const own = of('none');
  if (own.some((known) => known.key.equals(key))) return {kind: 'known'};
  const type = keyTypeOf(key);
  const other = own.find(({keyType}) => keyType === type) ?? own[0];
  if (other) return {kind: 'changed', known: other};
  const [authority] = of('cert-authority');
  return authority ? {kind: 'needs-ca', known: authority} : {kind: 'unknown'};
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return '';
    throw new FtaskError('KnownHostsUnreadable', `${file} cannot be read: ${message}`, {cause: error});
  }
}

/** One line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */

export interface KnownKey {
  readonly marker: 'none' | 'cert-authority' | 'revoked';
  /** Patterns separated by commas, or one hashed name (`|1|salt|hash`). */
  readonly names: string;
  /** `ssh-ed25519`. */
  readonly keyType: string;
  /** As it goes over the wire. */
  readonly key: Buffer;
  readonly file: string;
  readonly line: number;
}

/** Reads a line: undefined for an empty one and a comment, `broken` for one that says nothing. */
export function readKnownKey(text: string, file: string, line: number): KnownKey | 'broken' | undefined {
  const words = text.trim().split(/[ \t]+/);
  if (words[0] === '' || words[0]?.startsWith('#')) return undefined;
  const marker = words[0]?.startsWith('@') ? MARKERS.get(words.shift() ?? '') : 'none';
  const [names, keyType, encoded] = words;
  if (marker === undefined || names === undefined || keyType === undefined || encoded === undefined)
    return 'broken';
  const key = Buffer.from(encoded, 'base64');
  return keyTypeOf(key) === keyType ? {marker, names, keyType, key, file, line} : 'broken';
}

/** The type that a key names itself; undefined when it is no key (RFC 4253, 6.6). */
export function keyTypeOf(key: Buffer): string | undefined {
  if (key.length < 4) return undefined;
  const end = 4 + key.readUInt32BE(0);
  return end < key.length ? key.toString('latin1', 4, end) : undefined;
}

const MARKERS: ReadonlyMap<string, KnownKey['marker']> = new Map([
  ['@cert-authority', 'cert-authority'],
  ['@revoked', 'revoked'],
]);

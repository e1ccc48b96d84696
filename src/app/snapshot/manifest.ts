/** `manifest.sha256`: the digests of all regular files but itself, as `sha256sum -c` reads them. */

export const MANIFEST = 'manifest.sha256';

export interface Digest {
  /** From the snapshot's folder, one character a byte. */
  readonly path: string;
  readonly sha256: string;
}

/**
 * A line without its end. A line whose path has a backslash or a newline begins with a backslash, and they are written
 * as two characters in it: coreutils' manual, md5sum invocation. So is a carriage return at the end, which `-c` leaves out.
 */
export function manifestLine({path, sha256}: Digest): string {
  const escaped = path.replaceAll(/[\\\n]|\r$/g, (char) => ESCAPES[char] ?? char);
  return `${escaped === path ? '' : '\\'}${sha256}  ./${escaped}`;
}

/** What a line says; undefined when it is none, or its path is not below the snapshot's folder. */
export function parseManifestLine(line: string): Digest | undefined {
  const match = line.match(/^(\\?)([\da-f]{64})[ ][ *]\.\/(.+)$/s);
  if (!match) return undefined;
  const [, mark, sha256 = '', written = ''] = match;
  const path = mark ? written.replaceAll(/\\[\\nr]/g, (pair) => PLAIN[pair] ?? pair) : written;
  const isBelow = path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  return isBelow ? {path, sha256} : undefined;
}

const ESCAPES: Readonly<Record<string, string>> = {'\\': '\\\\', '\n': '\\n', '\r': '\\r'};
/** Newer versions write a carriage return so, too; all read one that stands for itself. */
const PLAIN: Readonly<Record<string, string>> = {'\\\\': '\\', '\\n': '\n', '\\r': '\r'};

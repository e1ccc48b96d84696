/** The files that an Include means: glob(7) with `*`, `?` and `[...]` within the parts of a path. */
import {readdir, stat} from 'node:fs/promises';
import {join} from 'node:path';

/** The paths that exist and match, sorted as glob(3) sorts; a path without wildcards only when it exists. */
export async function includePaths(pattern: string): Promise<string[]> {
  let found = ['/'];
  for (const part of pattern.split('/').filter((each) => each !== '')) {
    const next = await Promise.all(found.map((folder) => matchesIn(folder, part)));
    found = next.flat();
  }
  return found.sort();
}

async function matchesIn(folder: string, part: string): Promise<string[]> {
  if (!/[*?[]/.test(part)) {
    const path = join(folder, part.replaceAll(/\\(.)/g, '$1'));
    return stat(path).then(
      () => [path],
      () => [],
    );
  }
  const names = await readdir(folder).catch(() => []);
  const shape = globExpression(part);
  return names
    .filter((name) => shape.test(name) && (part.startsWith('.') || !name.startsWith('.')))
    .map((name) => join(folder, name));
}

function globExpression(part: string): RegExp {
  const source = part.replaceAll(/\[!?\]?[^\]]*\]|\\.|[^\w]/g, (token) => {
    if (token === '*') return '.*';
    if (token === '?') return '.';
    if (token.startsWith('[') && token.length > 2) return bracket(token);
    return `\\${token.at(-1)}`;
  });
  return new RegExp(`^${source}$`, 's');
}

function bracket(token: string): string {
  const isNegated = token[1] === '!' || token[1] === '^';
  const members = token.slice(isNegated ? 2 : 1, -1).replaceAll(/[\]\\^]/g, '\\$&');
  return `[${isNegated ? '^' : ''}${members}]`;
}

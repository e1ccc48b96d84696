/** What the files of a tree import, read from their text. */
import {posix} from 'node:path';

/** Source files by path (`src/ec2/client.ts`), with their text. */
export type Tree = ReadonlyMap<string, string>;

export interface Import {
  /** The importing file. */
  readonly from: string;
  /** A path in the tree, or the name of a package. */
  readonly to: string;
  readonly isPackage: boolean;
  /** `type` vanishes when compiled, `lazy` is loaded when it is reached. */
  readonly kind: 'value' | 'type' | 'lazy';
}

const STATIC =
  /^(?:import|export)\s+(type\s+)?(?:\*(?:\s+as\s+\w+)?|(?:\w+\s*,\s*)?\{[^}]*\}|\w+)\s+from\s+['"]([^'"]+)['"]/gm;
const BARE = /^import\s+['"]([^'"]+)['"]/gm;
const CALL = /(\btypeof\s+)?\bimport\(\s*['"]([^'"]+)['"]/g;

/** All imports of a tree, of Node's own modules none. */
export function importsOf(tree: Tree): Import[] {
  return [...tree].flatMap(([from, text]) => {
    const code = withoutComments(text);
    return [
      ...[...code.matchAll(STATIC)].map(([, type, to]) => ({to, kind: type ? 'type' : 'value'}) as const),
      ...[...code.matchAll(BARE)].map(([, to]) => ({to, kind: 'value'}) as const),
      ...[...code.matchAll(CALL)].map(([, type, to]) => ({to, kind: type ? 'type' : 'lazy'}) as const),
    ].flatMap(({to, kind}) => resolveImport(from, to ?? '', kind));
  });
}

/** The text without its comments, those at the end of a line of code excepted. */
export function withoutComments(text: string): string {
  return text.replace(/^[ \t]*\/\*[\s\S]*?\*\//gm, '').replace(/^[ \t]*\/\/.*$/gm, '');
}

function resolveImport(from: string, to: string, kind: Import['kind']): Import[] {
  if (to.startsWith('node:')) return to === 'node:process' ? [{from, to, kind, isPackage: true}] : [];
  if (to.startsWith('.')) return [{from, to: posix.join(posix.dirname(from), to), kind, isPackage: false}];
  const name = to
    .split('/')
    .slice(0, to.startsWith('@') ? 2 : 1)
    .join('/');
  return [{from, to: name, kind, isPackage: true}];
}

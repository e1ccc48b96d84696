/** The rules of the house. Each gives one line for every breach, none when all is well. */
import {HOMES, MAX_LINES, NARROW, PRIVATE, PROCESS_USERS, ROWS, TOP_LEVEL} from './house.ts';
import {type Import, importsOf, type Tree, withoutComments} from './imports.ts';

/** Every file belongs to a row. */
export function homelessFiles(tree: Tree): string[] {
  return [...tree.keys()].filter((file) => rowOf(file) < 0).map((file) => `${file}: belongs to no row`);
}

/** Imports go to a row above or stay inside the folder. */
export function wrongDirections(tree: Tree): string[] {
  return innerImports(tree)
    .filter(({from, to}) => unitOf(from) !== unitOf(to) && !mayUse(unitOf(from), unitOf(to)))
    .map(({from, to}) => `${from}: must not import ${to}`);
}

/** Imports lead to files that exist, inside `src`. */
export function danglingImports(tree: Tree): string[] {
  return innerImports(tree)
    .filter(({to}) => !tree.has(to))
    .map(({from, to}) => `${from}: imports ${to}, which is no file of src`);
}

/** No file needs itself, over others or directly; not even for a type. */
export function circles(tree: Tree): string[] {
  const next = new Map<string, string[]>();
  for (const {from, to} of innerImports(tree)) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) found.push([...trail.slice(trail.indexOf(file)), file].join(' → '));
    if (trail.includes(file) || done.has(file)) return;
    for (const target of next.get(file) ?? []) walk(target, [...trail, file]);
    done.add(file);
  };
  for (const file of tree.keys()) walk(file, []);
  return found;
}

/** Every package is used in its home only, and slow ones are loaded when they are needed. */
export function strayPackages(tree: Tree): string[] {
  return importsOf(tree)
    .filter(({isPackage}) => isPackage)
    .flatMap(({from, to, kind}) => {
      const home = HOMES[to];
      const isAtHome = home?.in.some((place) => `${inSrc(from)}/`.startsWith(`${place}/`));
      if (!isAtHome) return [`${from}: ${to} ${home ? `belongs into ${home.in.join(', ')}` : 'has no home'}`];
      return home?.isLazy && kind === 'value' ? [`${from}: ${to} must be loaded with await import()`] : [];
    });
}

/** A file is one thing, and a screen or three long. */
export function longFiles(tree: Tree): string[] {
  return [...tree]
    .map(([file, text]) => ({file, lines: text.trimEnd().split('\n').length}))
    .filter(({lines}) => lines > MAX_LINES)
    .map(({file, lines}) => `${file}: ${lines} lines, ${MAX_LINES} at most`);
}

/** What is exported has one name everywhere. */
export function defaultExports(tree: Tree): string[] {
  return [...tree]
    .filter(([, text]) => /^export\s+default\b|^export\s*\{[^}]*\bdefault\b/m.test(withoutComments(text)))
    .map(([file]) => `${file}: has a default export`);
}

/** Names say what is in there. */
export function emptyNames(files: Iterable<string>): string[] {
  return [...files]
    .filter((file) =>
      file.split('/').some((part) => /^(utils?|helpers?|common|lib|misc)(\.\w+)*$/.test(part)),
    )
    .map((file) => `${file}: the name does not say what is in there`);
}

/** A file begins with what lives there. */
export function silentFiles(tree: Tree): string[] {
  return [...tree]
    .filter(([, text]) => !text.replace(/^#!.*\n/, '').startsWith('/**'))
    .map(([file]) => `${file}: does not begin with a comment that says what lives there`);
}

/** The world comes in as arguments. */
export function processUsers(tree: Tree): string[] {
  return [...tree]
    .filter(([file]) => !Object.hasOwn(PROCESS_USERS, inSrc(file)))
    .filter(([, text]) =>
      /(?<![\w.$'"`-])process\s*(\?\.|[.[])\s*['"a-z]|node:process/.test(withoutComments(text)),
    )
    .map(([file]) => `${file}: uses the global process`);
}

/** Nothing lies at the top but what has its place there. */
export function strayTopLevel(paths: Iterable<string>): string[] {
  const names = new Set([...paths].map((path) => path.split('/')[0] ?? path));
  return [...names]
    .filter((name) => !name.startsWith('.') && !TOP_LEVEL.includes(name))
    .map((name) => `${name}: does not belong to the top level`);
}

function innerImports(tree: Tree): Import[] {
  return importsOf(tree).filter(({isPackage}) => !isPackage);
}

function mayUse(user: string, used: string): boolean {
  const [row, usedRow] = [rowOfUnit(user), rowOfUnit(used)];
  if (usedRow < 0 || usedRow >= row) return false;
  if (PRIVATE[used] && !PRIVATE[used].includes(user)) return false;
  return usedRow === 0 || !NARROW[user] || NARROW[user].includes(used);
}

function rowOf(file: string): number {
  return rowOfUnit(unitOf(file));
}

function rowOfUnit(unit: string): number {
  return ROWS.findIndex((row) => row.includes(unit));
}

/** The folder or file right below `src`. */
function unitOf(file: string): string {
  return inSrc(file).split('/')[0] ?? file;
}

function inSrc(file: string): string {
  return file.replace(/^src\//, '');
}

/** What of a snapshot goes where: the components of an application that it holds become steps. Pure. */
import {RefusedError} from '../../../errors.ts';
import {
  type Application,
  type Component,
  dumpPath,
  type Files,
  type Postgres,
  type Tree,
} from '../../application.ts';
import type {Traits} from '../../postgres/traits.ts';
import type {Entry} from '../../snapshot/contents.ts';
import type {Captured} from '../../snapshot/metadata.ts';
import {bytesOf, escapePath, textOf} from '../../snapshot/path-text.ts';
import {BadSnapshot} from '../check/bad-snapshot.ts';
import type {Entries} from '../check/closed-world.ts';
import type {Snapshot} from '../check/integrity.ts';

export interface Steps {
  readonly databases: readonly DatabaseStep[];
  readonly trees: readonly TreeStep[];
  readonly files: readonly FileStep[];
  /** What stays as it is on the host, and why; each in a few words. */
  readonly left: readonly string[];
}

export interface DatabaseStep {
  readonly component: Postgres;
  /** In the snapshot. */
  readonly dump: string;
  readonly format: 'plain' | 'custom';
  readonly bytes: number;
  /** The dump names no owners: its role must be that of who loads it. */
  readonly hasNoOwners: boolean;
  readonly rows: Readonly<Record<string, number>>;
  readonly traits?: Traits;
}

export interface TreeStep {
  readonly component: Tree;
  readonly bytes: number;
  /** Its folder first, then all below it. */
  readonly entries: readonly Entry[];
}

export interface FileStep {
  readonly component: Files;
  readonly entry: Entry;
  /** Its path in the snapshot. */
  readonly path: string;
  /** Its path on the host. */
  readonly target: string;
}

/**
 * The steps of a restore.
 * @throws BadSnapshot when the metadata tells of what is not there; RefusedError `OtherApplication`, `Elsewhere`
 */
export function stepsOf(application: Application, snapshot: Snapshot): Steps {
  const {metadata, source} = snapshot;
  if (metadata.application !== application.name) {
    throw new RefusedError(
      'OtherApplication',
      `${source.shown} is of the application ${metadata.application}, not of ${application.name}`,
      {hint: 'nothing was changed'},
    );
  }
  const present = application.components.filter((one) => isCaptured(metadata.components[one.name]));
  for (const component of present) checkCaptured(component, snapshot);
  const known = new Set(application.components.map(({name}) => name));
  return {
    databases: present.flatMap((one) => (one.kind === 'postgres' ? [databaseStep(one, snapshot)] : [])),
    trees: present.flatMap((one) => (one.kind === 'tree' ? [treeStep(one, snapshot.entries)] : [])),
    files: present.flatMap((one) => (one.kind === 'files' ? fileSteps(one, snapshot) : [])),
    left: [
      ...application.components
        .filter((one) => isRestored(one) && !present.includes(one))
        .map(({name}) => `the snapshot has nothing of ${name}, which a restore leaves as it is`),
      ...Object.keys(metadata.components)
        .filter((name) => !known.has(name) && isCaptured(metadata.components[name]))
        .map((name) => `${name} is not restored: the application has no such component`),
    ],
  };
}

/** Files that a step writes. */
export function filesIn({trees, files}: Steps): number {
  return trees.reduce(
    (sum, {entries}) => sum + entries.filter(({type}) => type === 'file').length,
    files.length,
  );
}

/** All of its folders and single files. */
export function entriesIn({trees, files}: Steps): Entry[] {
  return [...trees.flatMap(({entries}) => entries), ...files.map(({entry}) => entry)];
}

/** What was printed is for people. */
function isRestored({kind}: Component): boolean {
  return kind !== 'journal' && kind !== 'output';
}

function isCaptured(captured: Captured | undefined): captured is Captured & {captured: true} {
  return captured?.captured === true;
}

/** What the metadata counts must be there, unless an older tool wrote that it is there and no more. */
function checkCaptured(component: Component, {metadata, entries, source}: Snapshot): void {
  const captured = metadata.components[component.name];
  if (!isCaptured(captured) || captured.moment === '') return;
  const place = component.kind === 'postgres' ? dumpIn(component, entries)?.path : bytesOf(component.into);
  const files = [...entries.values()].filter(
    ({type, path}) => type === 'file' && (path === place || path.startsWith(`${place}/`)),
  );
  const bytes = files.reduce((sum, {size = 0}) => sum + size, 0);
  if (files.length === captured.files && bytes === captured.bytes) return;
  throw new BadSnapshot(source.shown, [
    `its metadata tells of ${captured.files} files with ${captured.bytes} bytes of ${component.name}, ` +
      `and there are ${files.length} with ${bytes}`,
  ]);
}

function databaseStep(component: Postgres, {metadata, entries, source}: Snapshot): DatabaseStep {
  const dump = dumpIn(component, entries);
  const path = textOf(dump?.path ?? '');
  if (!dump || path === undefined)
    throw new BadSnapshot(source.shown, [`it has no dump of the database ${component.database}`]);
  const captured = metadata.components[component.name];
  const {rows, traits} = isCaptured(captured) ? captured : {};
  const {postgres} = metadata;
  const options =
    postgres?.database === component.database ? postgres.options.split(/\s+/) : component.options;
  return {
    component,
    dump: path,
    format: path.endsWith('.sql') ? 'plain' : 'custom',
    bytes: dump.size ?? 0,
    hasNoOwners: options.includes('--no-owner') || options.includes('-O'),
    rows: rows ?? {},
    ...(traits && {traits}),
  };
}

/** In either format, whichever is configured by now. */
function dumpIn(component: Postgres, entries: Entries): Entry | undefined {
  const formats = (['plain', 'custom'] as const).map((format) => bytesOf(dumpPath({...component, format})));
  return formats.flatMap((path) => entries.get(path) ?? [])[0];
}

function treeStep(component: Tree, entries: Entries): TreeStep {
  const into = bytesOf(component.into);
  const own = [...entries.values()].filter(({path}) => path === into || path.startsWith(`${into}/`));
  return {component, entries: own, bytes: own.reduce((sum, {size = 0}) => sum + size, 0)};
}

/** @throws RefusedError `Elsewhere`: only what the application describes is written to */
function fileSteps(component: Files, {entries, source}: Snapshot): FileStep[] {
  const into = bytesOf(component.into);
  const own = [...entries.values()].filter(({type, path}) => type === 'file' && path.startsWith(`${into}/`));
  return own.map((entry) => {
    const [target = '', path] = [entry.source, entry.path].map((bytes) => bytes && textOf(bytes));
    const isDescribed = component.paths.some((pattern) => matches(pattern, target));
    if (isDescribed && path !== undefined) return {component, entry, path, target};
    throw new RefusedError(
      'Elsewhere',
      `${source.shown}: ${escapePath(entry.path)} came from ${target || 'nowhere'}, ` +
        `which is not among the paths of ${component.name}: ${component.paths.join(', ')}`,
      {hint: 'configure the path that it has to go to; nothing was changed'},
    );
  });
}

/** Patterns of the shell: 2.14 of the Shell Command Language. */
function matches(pattern: string, path: string): boolean {
  const expression = pattern.replaceAll(/\[!?\]?[^\]]*\]|[*?]|[\\^$.|+(){}[\]]/g, (mark) => {
    if (mark === '*') return '[^/]*';
    if (mark === '?') return '[^/]';
    if (mark.length > 1) return mark.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
    return `\\${mark}`;
  });
  return new RegExp(`^${expression}$`, 's').test(path);
}

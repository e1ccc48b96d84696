/** Capturing the components of an application, side by side: a database is dumped while folders are copied. */
import {FtaskError} from '../../../errors.ts';
import type {Component, Tree} from '../../application.ts';
import type {Captured} from '../../snapshot/metadata.ts';
import type {Site} from '../site.ts';
import type {Surveyed} from '../survey.ts';
import {captureDatabase} from './database.ts';
import {captureFiles} from './files.ts';
import type {Capture, Original} from './found.ts';
import {captureJournal, capturePrinted} from './printed.ts';
import {captureTree} from './tree.ts';

export interface Captures {
  /** By the name of the component. */
  readonly captures: ReadonlyMap<string, Captured>;
  readonly originals: ReadonlyMap<string, Original>;
  /** Those that were copied. */
  readonly trees: readonly Tree[];
}

/** Captures all at once; the first failure ends the others, and is passed on when they have ended. @throws CommandFailed */
export async function captureAll(site: Site, components: readonly Surveyed[]): Promise<Captures> {
  const stop = new AbortController();
  const signal = AbortSignal.any([site.signal, stop.signal]);
  let failure: {readonly error: unknown} | undefined;
  const work = components.map(async ({component, found}): Promise<Capture> => {
    if (found.bytes === undefined) {
      site.warn(`${component.name}: nothing is captured: ${found.missing.join('; ')}`);
      return {captured: {captured: false}};
    }
    if (found.missing.length > 0)
      site.warn(`${component.name}: captured without some: ${found.missing.join('; ')}`);
    try {
      return await capture({...site, signal}, component);
    } catch (error) {
      if (isOptional(component) && isOwnFailure(error)) {
        site.warn(`${component.name}: nothing is captured: ${(error as Error).message}`);
        return {captured: {captured: false}};
      }
      failure ??= {error};
      stop.abort();
      throw error;
    }
  });
  const settled = await Promise.allSettled(work);
  if (failure) throw failure.error;
  const done = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const named = done.map(({captured}, index) => [components[index]?.component.name ?? '', captured] as const);
  const captures = new Map(named);
  return {
    captures,
    originals: new Map(done.flatMap(({originals}) => [...(originals ?? [])])),
    trees: components.flatMap(({component}) =>
      component.kind === 'tree' && captures.get(component.name)?.captured ? [component] : [],
    ),
  };
}

async function capture(site: Site, component: Component): Promise<Capture> {
  switch (component.kind) {
    case 'postgres':
      return captureDatabase(site, component);
    case 'tree':
      return captureTree(site, component);
    case 'files':
      return captureFiles(site, component);
    case 'journal':
      return captureJournal(site, component);
    case 'output':
      return capturePrinted(site, component);
  }
}

/** Half of a folder is no backup of it; what a program printed is there or it is not. */
function isOptional(component: Component): boolean {
  return (component.kind === 'journal' || component.kind === 'output') && !component.required;
}

/** Neither the end of the run nor that of the connection. */
function isOwnFailure(error: unknown): boolean {
  return error instanceof FtaskError && error.code === 'CommandFailed';
}

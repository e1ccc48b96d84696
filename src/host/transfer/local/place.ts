/** Where something that is fetched arrives on this machine. */
import {stat} from 'node:fs/promises';
import {basename, join, resolve} from 'node:path';
import type {GetRequest} from '../request.ts';
import {LocalFile} from './file.ts';
import {LocalFolder} from './folder.ts';

export type Place = LocalFile | LocalFolder;

/** What arrived under a temporary name. */
export interface Arrived {
  readonly place: Place;
  /** Undefined: a folder has the mode that it came with. */
  readonly mode: number | undefined;
  readonly bytes: number;
  readonly sha256: string;
}

/** Makes the temporary file or folder. @throws TransferFailed */
export async function makePlace(
  kind: 'file' | 'folder',
  {path, target, options}: GetRequest,
): Promise<Place> {
  const named = join(target, basename(path));
  if (kind === 'folder') return LocalFolder.create(resolve(target.endsWith('/') ? named : target), options);
  const isInFolder = target.endsWith('/') || (await stat(target).catch(() => undefined))?.isDirectory();
  return LocalFile.create(resolve(isInFolder ? named : target), options);
}

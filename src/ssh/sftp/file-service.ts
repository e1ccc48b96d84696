/** The file service of a host over SFTP, for servers that run no commands. */
import type {FileFacts, FileService} from '../../host/transport.ts';
import type {SftpSession} from '../connection/sftp-session.ts';
import type {Link} from '../link.ts';
import {readFile} from './read-file.ts';
import {writeFile} from './write-file.ts';

/** A way to the service; its session takes one place on the connection and is opened again when it has ended. */
export function fileServiceOf(link: Link): () => Promise<FileService> {
  let current: Promise<SftpSession> | undefined;
  const open = (): Promise<SftpSession> => {
    const opening = link.session(
      (connection) => connection.sftp(),
      (opened) => opened.ended,
    );
    const forget = () => {
      if (current === opening) current = undefined;
    };
    opening.then(({ended}) => ended.then(forget), forget);
    current = opening;
    return opening;
  };
  const session = () => current ?? open();
  const service: FileService = {
    read: (path) => readFile(session, path),
    write: async (path, mode, content) => writeFile(await session(), path, mode, content),
    stat: async (path) => {
      const found = await (await session()).stat(path);
      return found && {size: found.size, mode: found.mode & 0o7777, kind: kindOf(found)};
    },
    rename: async (from, to) => (await session()).rename(from, to),
    remove: async (path) => (await session()).remove(path),
    makeFolder: async (path) => (await session()).makeFolder(path),
  };
  return async () => {
    await session();
    return service;
  };
}

function kindOf(found: {isFile(): boolean; isDirectory(): boolean}): FileFacts['kind'] {
  if (found.isFile()) return 'file';
  return found.isDirectory() ? 'folder' : 'other';
}

/** What a transfer needs of a host: commands to run there, or a file service where there is no shell. */
import type {Host} from '../host.ts';
import type {FileService} from '../transport.ts';

/** The part of a `Host` that files are moved over. */
export type Carrier = Pick<Host, 'name' | 'run' | 'stream'> & {
  /** Rejects when the server has none. */
  sftp?(): Promise<FileService>;
};

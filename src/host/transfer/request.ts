/** What one attempt at a transfer is given. */
import type {PutOptions, TransferOptions} from '../host.ts';
import type {Source} from './local/source.ts';
import type {Meter} from './meter.ts';

export interface PutRequest {
  readonly source: Source;
  /** On the host, with the name of the file. */
  readonly path: string;
  readonly options: PutOptions;
  readonly meter: Meter;
}

export interface GetRequest {
  /** On the host. */
  readonly path: string;
  /** As the operator wrote it. */
  readonly target: string;
  readonly options: TransferOptions;
  readonly meter: Meter;
}

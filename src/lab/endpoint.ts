/** All that the lab's HTTP server works with. */
import type {Service} from './api/answer.ts';
import type {Contents} from './blocks/contents.ts';
import type {CallLog} from './call-log.ts';
import type {Faults} from './faults.ts';

export interface Endpoint extends Service {
  /** The process that the lab's lock names. */
  readonly pid: number;
  readonly faults: Faults;
  readonly calls: CallLog;
  /** What is in snapshots. */
  readonly contents: Contents;
}

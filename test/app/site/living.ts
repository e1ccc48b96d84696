/** An application that lives on a host of the tests, as far as it can be lost and found. */
import type {TestHost} from '../host/host.ts';
import type {HostPostgres} from '../host/postgres.ts';

export interface Living {
  readonly host: TestHost;
  readonly postgres: HostPostgres;
  readonly database: string;
  /** The user and the role that it belongs to. */
  readonly owner: string;
  /** What must never be seen in an argument, a log or an error. */
  readonly secrets: readonly string[];
  /** What a backup has to bring back, beside the database. */
  readonly paths: readonly string[];
  /** Of systemd, which use the database or the files. */
  readonly units: readonly string[];
  /** Asked on the host. */
  readonly healthUrl: string;
}

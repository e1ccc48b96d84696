/** What a temporary instance is made with, and how it is to be. */
import type {Ec2} from '../ec2/client.ts';
import type {Host} from '../host/host.ts';
import type {RunContext} from '../runner/task.ts';
import type {Secret} from '../secret.ts';

/** Temporary instances as the configuration has them. */
export interface TemporaryWish {
  readonly image?: string;
  readonly user: string;
  readonly type: string;
  readonly subnet?: string;
  /** Ranges of addresses; this machine's own when empty. */
  readonly openTo: readonly string[];
  readonly expiryMs: number;
}

/** A host with how an operator logs in to it, `admin@203.0.113.7`. */
export interface ReachedHost {
  readonly host: Host;
  readonly login: string;
}

/** What the house gives to those who make temporary instances. */
export interface TemporaryTools {
  readonly run: Pick<RunContext, 'runId' | 'clock' | 'signal' | 'undo' | 'progress'>;
  readonly ec2: Ec2;
  readonly temporary: TemporaryWish;
  keyPair(comment: string): {readonly privateKey: Secret; readonly publicKey: string};
  /** A host that only we know; closed at the end of the run. */
  temporaryHost(access: TemporaryAccess): Host;
}

export interface TemporaryAccess {
  readonly name: string;
  readonly address: string;
  readonly user: string;
  readonly privateKey: Secret;
  /** `ssh-ed25519 AAAA...` */
  readonly hostKey: string;
}

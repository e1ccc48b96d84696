/** What a host needs to know beside the way to the machine. */
import type {Secret} from '../../secret.ts';
import type {CommandOptions} from '../command.ts';

export interface HostSettings {
  /** Of the run: an abort ends what is under way on the host. */
  readonly signal: AbortSignal;
  /** Limit of a command that names none. */
  readonly timeoutMs: number;
  /** From TERM to KILL; 5000 by default. */
  readonly graceMs?: number;
  /** For every command, below its own. */
  readonly env?: CommandOptions['env'];
  /** Undefined when there is none. May be called for every command; its owner asks a person once at most. */
  readonly sudoPassword?: () => Promise<Secret | undefined>;
  /** Must not throw. */
  readonly onEvent?: (event: CommandEvent) => void;
}

/** What a host tells about its commands; texts are masked. */
export type CommandEvent =
  | {readonly kind: 'started'; readonly host: string; readonly command: string}
  | {
      readonly kind: 'ended';
      readonly host: string;
      readonly command: string;
      readonly seconds: number;
      /** `exit code 0`, `signal TERM`, or the message of the error. */
      readonly how: string;
    };

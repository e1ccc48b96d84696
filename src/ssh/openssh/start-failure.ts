/** Why ssh did not connect or log in, read from what it said. */
import type {FtaskError} from '../../errors.ts';
import {AuthenticationFailed, HostKeyRejected, HostUnreachable} from '../../host/failures.ts';
import {placeOf} from '../connection/failure.ts';
import type {SshSettings} from '../settings.ts';

/** The error for the text that ssh left. */
export function startFailure(settings: SshSettings, said: string): FtaskError {
  const place = placeOf(settings);
  const last = lastLine(said) ?? 'ssh ended without a word';
  const keyProblem = hostKeyProblem(said);
  if (keyProblem !== undefined) {
    const hint = "compare the fingerprint with the host's: ssh-keygen -l -f KEY.pub";
    return new HostKeyRejected(`${settings.alias}: ${keyProblem}`, {hint});
  }
  if (/permission denied|too many authentication failures|no more authentication methods/i.test(said)) {
    return new AuthenticationFailed(`${place}: ${settings.user} was not let in by ssh: ${last}`, {
      hint: `try it by hand: ssh ${[...settings.sshArguments, settings.alias].join(' ')}`,
    });
  }
  const cause = DROPPED.test(said) ? Object.assign(new Error(last), {code: 'ECONNRESET'}) : new Error(last);
  return new HostUnreachable(`${place}: ${last}`, {cause});
}

/** What ssh said last; undefined when it said nothing. */
export function lastLine(said: string): string | undefined {
  const line = lines(said).at(-1);
  return line?.replace(/^(ssh|kex_exchange_identification): /, '').replace(/\.$/, '');
}

/** The server let go before it greeted: it may have too many to greet. */
const DROPPED = /kex_exchange_identification: (read: )?connection (closed|reset)/i;

function hostKeyProblem(said: string): string | undefined {
  const fingerprint = /SHA256:[\w+/]+/.exec(said)?.[0] ?? 'a key';
  const [, type, file] = /Offending (\S+) key in (\S+:\d+)/.exec(said) ?? [];
  if (/REVOKED HOST KEY/i.test(said)) return `the host key is revoked: ${lastLine(said)}`;
  if (/HOST IDENTIFICATION HAS CHANGED|POSSIBLE DNS SPOOFING/i.test(said)) {
    const held = file === undefined ? '' : `: ${file} holds another ${type} key`;
    return `the host key has changed${held}, the host presents ${fingerprint}`;
  }
  if (/host key is known for .* requested strict/i.test(said))
    return `the host key is not known: ${lines(said).find((line) => /host key is known/.test(line))}`;
  if (/host key verification failed|certificate invalid/i.test(said)) {
    const why = lines(said)
      .filter((line) => !/host key verification failed/i.test(line))
      .at(-1);
    return `the host key was not accepted: ${why ?? 'ssh does not say why'}`;
  }
  return undefined;
}

function lines(said: string): string[] {
  return said
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^@+$/.test(line));
}

/** Why ssh did not connect or log in, read from what it said. */
import type {FtaskError} from '../../errors.ts';
import {AuthenticationFailed, HostKeyRejected, HostUnreachable} from '../../host/failures.ts';
import {placeOf} from '../connection/failure.ts';
import type {SshSettings} from '../settings.ts';

/** The error for the text that ssh left. */
export function startFailure(settings: SshSettings, said: string): FtaskError {
  const place = placeOf(settings);
  const last = lastLine(said) ?? 'ssh ended without a word';
  const keyProblem = hostKeyProblem(settings, said);
  if (keyProblem) return keyProblem;
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

function hostKeyProblem({alias}: SshSettings, said: string): HostKeyRejected | undefined {
  const fingerprint = /SHA256:[\w+/]+/.exec(said)?.[0] ?? 'another one';
  const [, type, file, line] = /Offending (\S+) key in (\S+):(\d+)/.exec(said) ?? [];
  if (/REVOKED HOST KEY/i.test(said))
    return new HostKeyRejected(`${alias}: the host key is revoked: ${fingerprint}`);
  if (file !== undefined) {
    return new HostKeyRejected(
      `${alias}: the host key has changed: ${file}:${line} holds another ${type} key, the host presents ${fingerprint}`,
      {hint: `if this is right: take line ${line} out of ${file}`},
    );
  }
  const unknown = /No (\S+) host key is known for (\S+)/.exec(said);
  if (unknown) {
    return new HostKeyRejected(
      `${alias}: the host key is not known: no ${unknown[1]} key for ${unknown[2]}`,
      {
        hint: "compare it with the host's own, then: --accept-new-host-keys",
      },
    );
  }
  if (!/host key verification failed/i.test(said)) return undefined;
  const why = lines(said).findLast((each) => !/host key verification failed/i.test(each));
  return new HostKeyRejected(`${alias}: the host key was not accepted: ${why ?? 'ssh does not say why'}`);
}

function lines(said: string): string[] {
  return said
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^@+$/.test(line));
}

/** Whether the key that a host presents is let pass, and how it is said when it is not. */
import {createHash} from 'node:crypto';
import {HostKeyRejected} from '../../host/failures.ts';
import type {SshSettings} from '../settings.ts';
import type {KnownHosts, Verdict} from './known-hosts.ts';
import {type KnownKey, keyTypeOf} from './line.ts';
import {type KeyPlace, knownName} from './names.ts';

/** The place in known_hosts for a host. */
export function keyPlace({
  hostName,
  port,
  hostKeyAlias,
}: Pick<SshSettings, 'hostName' | 'port' | 'hostKeyAlias'>): KeyPlace {
  return {host: hostName, port, ...(hostKeyAlias !== undefined && {alias: hostKeyAlias})};
}

/**
 * Passes when the key is known. An unknown one is added under `accept-new` and `no`, and refused under `yes` and
 * `ask`. A changed or revoked one is refused whatever is configured.
 * @throws HostKeyRejected
 */
export async function verifyHostKey(settings: SshSettings, known: KnownHosts, key: Buffer): Promise<void> {
  const place = keyPlace(settings);
  const verdict = known.check(place, key);
  if (verdict.kind === 'known') return;
  const mayAdd = settings.strictHostKeyChecking === 'accept-new' || settings.strictHostKeyChecking === 'no';
  if (verdict.kind !== 'unknown' || !mayAdd) throw hostKeyRejected(settings, verdict, key);
  const [file] = settings.userKnownHostsFiles;
  if (file !== undefined) await known.add(place, key, {file, isHashed: settings.hashKnownHosts});
}

/** `SHA256:...`, as `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

function hostKeyRejected(
  settings: SshSettings,
  verdict: Exclude<Verdict, {kind: 'known'}>,
  key: Buffer,
): HostKeyRejected {
  const {alias} = settings;
  const presented = `${shortType(keyTypeOf(key) ?? '')} ${fingerprint(key)}`;
  const name = knownName(keyPlace(settings));
  switch (verdict.kind) {
    case 'unknown':
      return new HostKeyRejected(`${alias}: the host key is not known: ${presented}`, {
        hint: `compare the fingerprint, then: --accept-new-host-keys, or ssh-keyscan ${scanWords(settings)}`,
      });
    case 'changed':
      return new HostKeyRejected(
        `${alias}: the host key has changed: ${where(verdict.known)} holds ${held(verdict.known)}, ` +
          `the host presents ${presented}`,
        {hint: `if this is right: ssh-keygen -R '${name}' -f ${verdict.known.file}`},
      );
    case 'revoked':
      return new HostKeyRejected(
        `${alias}: the host key is revoked in ${where(verdict.known)}: ${presented}`,
      );
    case 'needs-ca':
      return new HostKeyRejected(
        `${alias}: ${where(verdict.known)} trusts certificates only, the host presents the plain key ${presented}`,
        {hint: 'certificates need the transport openssh: it is taken by itself when there is a program ssh'},
      );
  }
}

function where({file, line}: KnownKey): string {
  // A key that was added in this run has no line that is known for sure.
  return line === 0 ? file : `${file}:${line}`;
}

function held({keyType, key}: KnownKey): string {
  return `${shortType(keyType)} ${fingerprint(key)}`;
}

function shortType(keyType: string): string {
  return keyType.replace(/^ssh-|-sha2-.*$/g, '');
}

function scanWords({hostName, port}: SshSettings): string {
  return port === 22 ? hostName : `-p ${port} ${hostName}`;
}

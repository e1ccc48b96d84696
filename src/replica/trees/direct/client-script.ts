/** What runs on the source: an agent that holds the key for as long as rsync runs, and rsync. */
import {asRoot} from '../../../disk/as-root.ts';
import {UsageError} from '../../../errors.ts';
import {argv, type Command, sh} from '../../../host/command.ts';
import type {Reach, RsyncRequest} from '../channel.ts';
import {clientWords, DESTINATION} from '../rsync/server-command.ts';

const KEY_LIFE_SECONDS = 300;

/** The agent did not take the key. */
export const NO_AGENT = 97;

/** AES is done by most processors, and this mode needs no digest beside it. */
const CIPHERS = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes256-ctr',
];

export interface ClientRequest {
  readonly rsync: RsyncRequest;
  readonly reach: Reach;
  /** `ssh-ed25519 AAAA...` */
  readonly hostKeys: readonly string[];
  /** Of the private key, which it reads from stdin. The end of stdin afterwards ends it all. */
  readonly keyLines: number;
}

/**
 * The folder in /run, which is memory, holds known_hosts and the agent's socket. It is named by the process, so that
 * what is left of one that was killed is known. The agent ends with the command that it is given.
 */
export function clientScript({rsync, reach, hostKeys, keyLines}: ClientRequest): Command {
  return asRoot(sh`umask 077
for old in /run/ftask-rsync.*; do kill -0 "\${old##*.}" 2>/dev/null || rm -rf "$old"; done
home=/run/ftask-rsync.$$
rm -rf "$home"; mkdir "$home" || exit
trap 'rm -rf "$home"' EXIT
trap 'exit 143' HUP INT TERM
printf ${`${DESTINATION} %s\n`} ${hostKeys} >"$home/known_hosts" || exit
export home
ssh-agent -a "$home/agent" sh -c ${underAgent(rsync, reach, keyLines)}`);
}

function underAgent(rsync: RsyncRequest, reach: Reach, keyLines: number): string {
  return sh`exec 3<&0
head -n ${keyLines} <&3 | ssh-add -q -t ${KEY_LIFE_SECONDS} - 2>"$home/said" ||
  { cat "$home/said" >&2; exit ${NO_AGENT}; }
# When ftask is gone, all of this goes.
{ cat <&3; kill -TERM 0; } >/dev/null 2>&1 &
watch=$!
trap 'kill "$watch" "$SSH_AGENT_PID" 2>/dev/null' EXIT
trap 'exit 143' HUP INT TERM
RSYNC_RSH=${`${sshWords(reach).join(' ')} -o UserKnownHostsFile=`}$home/known_hosts
export RSYNC_RSH
${argv(...clientWords(rsync))} </dev/null 3<&-`.text;
}

/** No configuration of the host's, no key but the agent's, no host but the one that is meant. */
function sshWords({user, address, port}: Reach): readonly string[] {
  const settings = {
    HostName: address,
    Port: port,
    User: user,
    HostKeyAlias: DESTINATION,
    StrictHostKeyChecking: 'yes',
    GlobalKnownHostsFile: '/dev/null',
    UpdateHostKeys: 'no',
    BatchMode: 'yes',
    IdentityFile: 'none',
    PreferredAuthentications: 'publickey',
    ForwardAgent: 'no',
    ControlPath: 'none',
    Compression: 'no',
    ConnectTimeout: 20,
    ServerAliveInterval: 10,
    ServerAliveCountMax: 3,
    Ciphers: CIPHERS.join(','),
    // A server that has gone silent is told at this level.
    LogLevel: 'INFO',
  };
  const words = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const odd = words.find((word) => !/^[\w@%+=:,./-]+$/.test(word));
  if (odd !== undefined) throw new UsageError('BadAddress', `rsync cannot be told of ssh ${odd}`);
  return ['ssh', '-F', 'none', '-T', '-x', ...words];
}

/** The way to a host whose keys we have made ourselves: nothing of it is in any file. */
import {HostKeyRejected} from '../../host/failures.ts';
import type {Transport} from '../../host/transport.ts';
import type {Secret} from '../../secret.ts';
import type {Identity} from '../auth/identities.ts';
import {type Access, connect} from '../connection/connect.ts';
import {directWay} from '../gateway/way.ts';
import {KnownHosts} from '../known-hosts/known-hosts.ts';
import {Link} from '../link.ts';
import type {SshSettings} from '../settings.ts';
import {loadSsh2} from '../ssh2.ts';
import {sshTransport} from '../transport.ts';

/** How to reach a host that nobody has configured. */
export interface TemporaryHost {
  /** For people; its address tells nobody what it is. */
  readonly name: string;
  readonly address: string;
  /** 22 by default. */
  readonly port?: number;
  readonly user: string;
  readonly privateKey: Secret;
  /** `ssh-ed25519 AAAA...`; a host that presents another is refused. */
  readonly hostKey: string;
}

const CONNECT_TIMEOUT_MS = 10_000;
const ALIVE_INTERVAL_MS = 15_000;
const ALIVE_COUNT = 3;

/** Offers this one key and trusts this one host key: no agent, no files, no ssh configuration. */
export function temporaryTransport(host: TemporaryHost): Transport {
  const settings = settingsOf(host);
  const access: Access = {
    identities: async () => [await identityOf(host.privateKey)],
    knownHosts: async () => KnownHosts.ofHost({host: host.address, port: settings.port}, host.hostKey),
  };
  const link = new Link((signal) =>
    connect(settings, directWay(settings), access, signal).catch((error: unknown) => {
      throw error instanceof HostKeyRejected ? notTheHost(host, error) : error;
    }),
  );
  return sshTransport(host.name, link);
}

function settingsOf({name, address, port = 22, user}: TemporaryHost): SshSettings {
  return {
    alias: name,
    hostName: address,
    port,
    user,
    identityFiles: [],
    identitiesOnly: true,
    proxyJump: [],
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    connectionAttempts: 1,
    serverAliveIntervalMs: ALIVE_INTERVAL_MS,
    serverAliveCountMax: ALIVE_COUNT,
    strictHostKeyChecking: 'yes',
    userKnownHostsFiles: [],
    globalKnownHostsFiles: [],
    hashKnownHosts: false,
    forwardAgent: false,
    addressFamily: 'any',
    pubkeyAuthentication: true,
    passwordAuthentication: false,
    kbdInteractiveAuthentication: false,
    compression: false,
    origins: {},
    ignored: [],
    needsOpenSsh: [],
    sshArguments: [],
  };
}

async function identityOf(privateKey: Secret): Promise<Identity> {
  const {utils} = await loadSsh2();
  const key = utils.parseKey(privateKey.reveal());
  if (key instanceof Error) throw key;
  const sign = async (data: Buffer, hash: 'sha1' | 'sha256' | 'sha512' | undefined) => key.sign(data, hash);
  return {publicKey: key, from: 'file', label: 'the key made for it', sign};
}

function notTheHost({name, address}: TemporaryHost, cause: HostKeyRejected): HostKeyRejected {
  return new HostKeyRejected(`${name}: what answers at ${address} does not have the host key made for it`, {
    hint: 'another machine has this address, or the connection is intercepted; nothing was sent to it',
    cause,
  });
}

/** How one host is reached: what ssh_config(5) says of it, under OpenSSH's own names. */

export interface SshSettings {
  /** As it was selected; `Host` patterns were matched against it. */
  readonly alias: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** Absolute paths, in the order they are tried; some may not exist. */
  readonly identityFiles: readonly string[];
  /** Offer these keys only, even if the agent has more. */
  readonly identitiesOnly: boolean;
  /** Socket of the agent; undefined when there is none, or `none` was said. */
  readonly identityAgent?: string;
  /** Hops in the order they are passed, each to be resolved by itself (`user@host:port` or an alias). */
  readonly proxyJump: readonly string[];
  /** Tokens are expanded; run with the user's shell. Never together with `proxyJump`. */
  readonly proxyCommand?: string;
  readonly connectTimeoutMs: number;
  readonly connectionAttempts: number;
  readonly serverAliveIntervalMs: number;
  readonly serverAliveCountMax: number;
  readonly strictHostKeyChecking: HostKeyPolicy;
  readonly userKnownHostsFiles: readonly string[];
  readonly globalKnownHostsFiles: readonly string[];
  /** The name the host's key is looked up under, instead of its own. */
  readonly hostKeyAlias?: string;
  readonly hashKnownHosts: boolean;
  readonly forwardAgent: boolean;
  readonly addressFamily: 'any' | 'inet' | 'inet6';
  readonly bindAddress?: string;
  readonly pubkeyAuthentication: boolean;
  readonly passwordAuthentication: boolean;
  /** Questions of the server that a password answers. */
  readonly kbdInteractiveAuthentication: boolean;
  readonly compression: boolean;
  /** Lists as written, with a leading `+`, `-` or `^` when they change the default. */
  readonly ciphers?: string;
  readonly macs?: string;
  readonly kexAlgorithms?: string;
  readonly hostKeyAlgorithms?: string;
  /** Where a value comes from, by OpenSSH's name in lower case: `/home/me/.ssh/config:12`, `default`, `option --user`. */
  readonly origins: Readonly<Record<string, string>>;
  /** What is configured, matters, and is not honoured by ftask itself. */
  readonly ignored: readonly IgnoredSetting[];
  /** Why the system's ssh must carry this host (a certificate, a security key, ...); empty when ssh2 can. */
  readonly needsOpenSsh: readonly string[];
  /** With these before the alias, the system's ssh reads the same files and options. */
  readonly sshArguments: readonly string[];
}

export type HostKeyPolicy = 'yes' | 'ask' | 'accept-new' | 'no';

/** Not honoured over ssh2, and maybe not over the program ssh either. */
export interface IgnoredSetting {
  /** As OpenSSH writes it: `GSSAPIAuthentication yes`. */
  readonly setting: string;
  /** `file:line`. */
  readonly origin: string;
  readonly why: string;
  /** The program ssh honours it. */
  readonly isHonouredBySsh: boolean;
}

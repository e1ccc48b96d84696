/** SSH as ftask's configuration and the command line say. */
import {existsSync} from 'node:fs';
import {resolve} from 'node:path';
import type {CloseLater} from '../closers.ts';
import {withoutSecrets} from '../config/environment.ts';
import type {Surroundings} from '../config/load.ts';
import type {Config} from '../config/schema.ts';
import {sshConfigOf} from '../lab/hardware/places.ts';
import type {RunContext} from '../runner/task.ts';
import type {Secret} from '../secret.ts';
import type {Ssh} from '../ssh/open-ssh.ts';
import {isUrl, type LabPlace, type LabWish} from './open-ec2.ts';

/** What the command line says of connections. */
export interface SshWish extends Pick<LabWish, 'lab'> {
  /** Milliseconds that connecting may take. */
  readonly connectTimeout?: number;
  readonly acceptNewHostKeys?: boolean;
}

interface SshRequest {
  readonly run: Pick<RunContext, 'progress' | 'ask'>;
  readonly config: Config;
  readonly wish: SshWish;
  readonly surroundings: Surroundings;
  readonly labPlace: LabPlace;
  /** The login password, when the operator gave one. */
  readonly password: Secret | undefined;
  readonly closeLater: CloseLater;
}

/** Returns what opens SSH when it is first called: tasks without hosts start faster. */
export function sshOpener(request: SshRequest): () => Promise<Ssh> {
  let opened: Promise<Ssh> | undefined;
  return () => {
    opened ??= open(request);
    return opened;
  };
}

async function open(request: SshRequest): Promise<Ssh> {
  const {run, config, wish, surroundings, password, closeLater} = request;
  const {openSsh} = await import('../ssh/open-ssh.ts');
  const {homeDir, env} = surroundings;
  const configFile = configFileOf(request);
  if (configFile === undefined && isOwnLab(wish))
    run.progress.warn(
      'this lab has no machines that you can log in to: `ftask lab up`, as root, makes its instances real',
    );
  const {connect_timeout, accept_new_host_keys, transport} = config.ssh;
  const connectTimeoutMs = wish.connectTimeout ?? connect_timeout;
  const ssh = openSsh({
    homeDir,
    env: withoutSecrets(env),
    ...(configFile !== undefined && {configFile}),
    ...(connectTimeoutMs !== undefined && {connectTimeoutMs}),
    acceptNewHostKeys: wish.acceptNewHostKeys || accept_new_host_keys,
    transport,
    ask: (question) => run.ask(question),
    ...(password && {password}),
    note: (text) => run.progress.debug(text),
  });
  closeLater(() => ssh.close());
  return ssh;
}

/** The ssh_config in the place of the user's own. A lab that is up knows how its own instances are reached. */
export function configFileOf({
  config,
  wish,
  labPlace,
  surroundings,
}: Pick<SshRequest, 'config' | 'wish' | 'labPlace' | 'surroundings'>): string | undefined {
  const {config_file} = config.ssh;
  if (config_file !== undefined) return resolve(surroundings.cwd, config_file);
  if (wish.lab === undefined) return undefined;
  const ofLab = sshConfigOf(labPlace.stateDir);
  return existsSync(ofLab) ? ofLab : undefined;
}

/** Whoever serves a lab elsewhere knows what it has. */
function isOwnLab({lab}: SshWish): boolean {
  return lab === true || (lab !== undefined && !isUrl(lab));
}

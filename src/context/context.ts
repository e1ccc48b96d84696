/** Configuration becomes live hosts and a live connection to EC2, once a run. Constructs and closes, decides nothing. */
import {resolve} from 'node:path';
import {type CloseLater, closers} from '../closers.ts';
import {type LoadedConfig, loadConfig, type Surroundings} from '../config/load.ts';
import type {Config} from '../config/schema.ts';
import {dryRunEc2} from '../ec2/call/dry-run.ts';
import type {Ec2} from '../ec2/client.ts';
import {type GroupOptions, type HostContext, hostContext} from '../fleet/host-context.ts';
import {openHosts} from '../fleet/open-hosts.ts';
import type {OutputWish} from '../fleet/output/choose.ts';
import {type PasswordOptions, passwords} from '../fleet/passwords.ts';
import {type HostWish, selectHosts} from '../fleet/select-hosts.ts';
import type {CommandEvent, HostSettings} from '../host/exec/host-settings.ts';
import type {Transport} from '../host/transport.ts';
import type {Journal} from '../journal/journal.ts';
import type {RunContext} from '../runner/task.ts';
import type {WayToHost} from '../ssh/open-ssh.ts';
import {ec2Opener, type LabPlace, type LabWish, labPlaceOf} from './open-ec2.ts';
import {journalFile, journalOpener, noJournal} from './open-journal.ts';
import {configFileOf, type SshWish, sshOpener} from './open-ssh.ts';
import {type TemporaryHosts, temporaryHosts} from './temporary-hosts.ts';

export type {WayToHost} from '../ssh/open-ssh.ts';
export type {SshSettings} from '../ssh/settings.ts';

/** What the command line says of the world that tasks work in. */
export interface ContextOptions extends HostWish, GroupOptions, PasswordOptions, LabWish, SshWish {
  readonly config?: string;
  readonly profile?: string;
  readonly endpointUrl?: string;
  /** Milliseconds that a command may take. */
  readonly timeout?: number;
  /** Say each command as it starts. */
  readonly echo?: boolean;
  readonly output?: 'stream' | 'fold' | 'json';
  readonly outdir?: string;
  readonly hide?: 'out' | 'err' | 'both';
  readonly json?: boolean;
}

/** What every task of the house is given. */
export interface Context extends RunContext, HostContext {
  readonly config: Config;
  /** The configuration with the origin of each value. */
  readonly loadedConfig: LoadedConfig;
  /** Where the lab's fleet is described and its state kept. */
  readonly labPlace: LabPlace;
  /** EC2, or the lab in its place; opened on first use, the same one for the whole run. */
  ec2(): Promise<Ec2>;
  /** What was done; opened on first use, the same one for the whole run. In a dry run it keeps nothing. @throws RefusedError */
  journal(): Promise<Journal>;
  /** How hosts are reached, for tasks that show it or talk to a host themselves. */
  readonly reach: Reach;
  /** Hosts that are made for this run, with keys in memory only. */
  readonly temporary: TemporaryHosts;
  /** How the operator wants to see what hosts say. */
  readonly hostOutput: OutputWish;
}

/** How hosts are reached. */
export interface Reach {
  /** The ssh_config in the place of the user's own. */
  readonly configFile: string | undefined;
  /** What the ssh configuration says of a host; nothing is connected. @throws UsageError when it is wrong */
  explain(host: string): Promise<WayToHost>;
  /** The way to a host, over the same connection as its commands. @throws UsageError */
  transport(host: string): Promise<Transport>;
}

/** A context whose connections must be closed at the end of the run; may be closed twice. */
export type OpenContext = Context & {close(): Promise<void>};

/** Loads the configuration and finds the hosts. Only hosts by tag are a reason to connect before a task asks for it. */
export async function createContext(
  run: RunContext,
  options: ContextOptions,
  surroundings: Surroundings,
): Promise<OpenContext> {
  const {closeLater, close} = closers();
  try {
    return {...(await openContext(run, options, surroundings, closeLater)), close};
  } catch (error) {
    await close();
    throw error;
  }
}

async function openContext(
  run: RunContext,
  options: ContextOptions,
  surroundings: Surroundings,
  closeLater: CloseLater,
): Promise<Context> {
  const loadedConfig = await loadConfig({
    ...surroundings,
    ...(options.config === undefined ? {} : {configFile: options.config}),
    overrides: overridesOf(options),
  });
  const config = loadedConfig.values;
  const labPlace = labPlaceOf(config, options, surroundings.cwd);
  const ec2 = ec2Opener({run, config, lab: options.lab, labPlace, closeLater});
  const selected = await selectHosts(options, {config, ec2, run});
  const given = await passwords(run, config, options);
  const way = {config, wish: options, surroundings, labPlace};
  const ssh = sshOpener({...way, run, password: given.login, closeLater});
  const settings: HostSettings = {
    signal: run.signal,
    timeoutMs: options.timeout ?? config.ssh.command_timeout,
    env: run.env,
    sudoPassword: given.sudo,
    onEvent: (event) => tellCommand(run, event, options),
  };
  const hosts = openHosts({
    selected,
    settings,
    way: async (target) => (await ssh()).transport(target),
    describe: (line) => run.progress.note(line),
  });
  closeLater(() => hosts.close());

  const journal = journalOpener(
    journalFile(config, surroundings, options.lab === undefined ? undefined : labPlace),
    closeLater,
  );
  const live = {...hostContext(run, hosts, config, options), ec2, journal};
  const dry = {
    ...hostContext(run, hosts.dry, config, options),
    ec2: async () => dryRunEc2(await ec2()),
    journal: noJournal,
  };
  return {
    ...run,
    ...(run.dryRun ? dry : live),
    forDryRun: () => dry,
    config,
    loadedConfig,
    labPlace,
    reach: {
      configFile: configFileOf(way),
      explain: async (host) => (await ssh()).explain(hosts.targetOf(host)),
      transport: async (host) => (await ssh()).transport(hosts.targetOf(host)),
    },
    temporary: temporaryHosts({ssh, settings, homeDir: surroundings.homeDir, closeLater}),
    hostOutput: hostOutputOf(options, surroundings),
  };
}

function overridesOf({profile, endpointUrl}: ContextOptions): Record<string, string> {
  return {
    ...(profile === undefined ? {} : {'aws.profile': profile}),
    ...(endpointUrl === undefined ? {} : {'aws.endpoint_url': endpointUrl}),
  };
}

function tellCommand({progress}: RunContext, event: CommandEvent, {echo}: ContextOptions): void {
  const {host, command} = event;
  if (event.kind === 'ended') progress.debug(`[${host}] ${event.how} after ${event.seconds} s: ${command}`);
  else if (echo) progress.note(`[${host}] $ ${command}`);
}

function hostOutputOf({output, outdir, hide, json}: ContextOptions, {cwd}: Surroundings): OutputWish {
  return {
    ...(output && {mode: output}),
    ...(outdir !== undefined && {folder: resolve(cwd, outdir)}),
    ...(hide && {hide}),
    isJson: json === true,
  };
}

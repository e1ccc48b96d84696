/** Configuration becomes live hosts and a live connection to EC2, once a run. Constructs and closes, decides nothing. */
import {resolve} from 'node:path';
import {type Clock, systemClock} from './clock.ts';
import {withoutSecrets} from './config/environment.ts';
import {type LoadedConfig, loadConfig} from './config/load.ts';
import type {Config} from './config/schema.ts';
import {type Ec2, openEc2} from './ec2/client.ts';
import {dryRunEc2} from './ec2/dry-run.ts';
import {RateLimits} from './ec2/limits.ts';
import type {Connection} from './ec2/sdk.ts';
import {type GroupOptions, type HostContext, hostContext} from './fleet/host-context.ts';
import {openHosts} from './fleet/open-hosts.ts';
import type {OutputWish} from './fleet/output/choose.ts';
import {type PasswordOptions, passwords} from './fleet/passwords.ts';
import {type HostWish, selectHosts} from './fleet/select-hosts.ts';
import type {CommandEvent} from './host/exec/host-settings.ts';
import type {Transport} from './host/transport.ts';
import type {Lab} from './lab/lab.ts';
import type {RunContext} from './runner/task.ts';
import type {Secret} from './secret.ts';
import type {Ssh, WayToHost} from './ssh/open-ssh.ts';

export type {WayToHost} from './ssh/open-ssh.ts';
export type {SshSettings} from './ssh/settings.ts';

/** What the command line says of the world that tasks work in. */
export interface ContextOptions extends HostWish, GroupOptions, PasswordOptions {
  readonly config?: string;
  readonly profile?: string;
  readonly endpointUrl?: string;
  /** Work on the embedded lab: the configured fleet, a fleet file, or the address of a lab that is served. */
  readonly lab?: true | string;
  /** Milliseconds that a command may take. */
  readonly timeout?: number;
  /** Milliseconds that connecting may take. */
  readonly connectTimeout?: number;
  readonly acceptNewHostKeys?: boolean;
  /** Say each command as it starts. */
  readonly echo?: boolean;
  readonly output?: 'stream' | 'fold' | 'json';
  readonly outdir?: string;
  readonly hide?: 'out' | 'err' | 'both';
  readonly json?: boolean;
}

/** The process that ftask runs in. */
export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
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
  /** How hosts are reached, for tasks that show it or talk to a server themselves. */
  readonly reach: Reach;
  /** How the operator wants to see what hosts say. */
  readonly hostOutput: OutputWish;
}

export interface Reach {
  /** What the ssh configuration says of a host; nothing is connected. @throws UsageError when it is wrong */
  explain(host: string): Promise<WayToHost>;
  /** The way to a host, over the same connection as its commands. @throws UsageError */
  transport(host: string): Promise<Transport>;
}

export interface LabPlace {
  readonly file?: string;
  readonly stateDir: string;
}

/** A context whose connections must be closed at the end of the run; may be closed twice. */
export type OpenContext = Context & {close(): Promise<void>};

/** Any key pair is good enough for a lab. */
const LAB_CREDENTIALS = {accessKeyId: 'LAB', secretAccessKey: 'lab'};

type Closer = () => void | Promise<void>;

/** Loads the configuration and finds the hosts. Only hosts by tag are a reason to connect before a task asks for it. */
export async function createContext(
  run: RunContext,
  options: ContextOptions,
  surroundings: Surroundings,
): Promise<OpenContext> {
  const closers: Closer[] = [];
  const close = async () => {
    for (let closer = closers.pop(); closer; closer = closers.pop()) await closer();
  };
  try {
    return {...(await openContext(run, options, surroundings, closers)), close};
  } catch (error) {
    await close();
    throw error;
  }
}

async function openContext(
  run: RunContext,
  options: ContextOptions,
  surroundings: Surroundings,
  closers: Closer[],
): Promise<Context> {
  const loadedConfig = await loadConfig({
    ...surroundings,
    ...(options.config === undefined ? {} : {configFile: options.config}),
    overrides: overridesOf(options),
  });
  const config = loadedConfig.values;
  const labPlace = labPlaceOf(config, options, surroundings);

  let opened: Promise<Ec2> | undefined;
  const ec2 = (): Promise<Ec2> => {
    opened ??= openTheEc2({run, config, options, labPlace, closers});
    return opened;
  };
  const selected = await selectHosts(options, {config, ec2, run});
  const given = await passwords(run, config, options);
  const ssh = sshOpener({run, config, options, surroundings, password: given.login, closers});
  const hosts = openHosts({
    selected,
    settings: {
      signal: run.signal,
      timeoutMs: options.timeout ?? config.ssh.command_timeout,
      env: run.env,
      sudoPassword: given.sudo,
      onEvent: (event) => tellCommand(run, event, options),
    },
    way: async (target) => (await ssh()).transport(target),
    describe: (line) => run.progress.note(line),
  });
  closers.push(() => hosts.close());

  const live = {...hostContext(run, hosts, config, options), ec2};
  const dry = {
    ...hostContext(run, hosts.dry, config, options),
    ec2: async () => dryRunEc2(await ec2()),
  };
  return {
    ...run,
    ...(run.dryRun ? dry : live),
    forDryRun: () => dry,
    config,
    loadedConfig,
    labPlace,
    reach: {
      explain: async (host) => (await ssh()).explain(hosts.targetOf(host)),
      transport: async (host) => (await ssh()).transport(hosts.targetOf(host)),
    },
    hostOutput: hostOutputOf(options, surroundings),
  };
}

function overridesOf({profile, endpointUrl}: ContextOptions): Record<string, string> {
  return {
    ...(profile === undefined ? {} : {'aws.profile': profile}),
    ...(endpointUrl === undefined ? {} : {'aws.endpoint_url': endpointUrl}),
  };
}

function labPlaceOf({lab}: Config, options: ContextOptions, {cwd}: Surroundings): LabPlace {
  const file = typeof options.lab === 'string' && !isUrl(options.lab) ? options.lab : lab.file;
  return {stateDir: resolve(cwd, lab.state), ...(file ? {file: resolve(cwd, file)} : {})};
}

interface Opening {
  readonly run: RunContext;
  readonly config: Config;
  readonly options: ContextOptions;
  readonly closers: Closer[];
}

async function openTheEc2({
  run,
  config,
  options,
  labPlace,
  closers,
}: Opening & {labPlace: LabPlace}): Promise<Ec2> {
  const lab = options.lab === undefined ? undefined : await openTheLab(options.lab, labPlace, run);
  if (lab) closers.push(() => lab.close());
  const clock = lab?.clock ?? systemClock;
  const ec2 = openEc2({
    ...connectionOf(config, lab),
    clock,
    limits: rateLimits(config, clock),
    onThrottled: (region, action) =>
      run.progress.warn(`${region}: AWS throttles ${action}; another tool uses the same quota, slowing down`),
  });
  closers.push(() => ec2.close());
  return ec2;
}

/** Opens SSH when it is first asked for; tasks without hosts start faster. */
function sshOpener(
  opening: Opening & {readonly surroundings: Surroundings; readonly password: Secret | undefined},
): () => Promise<Ssh> {
  const {run, config, options, surroundings, password, closers} = opening;
  const {homeDir, env, cwd} = surroundings;
  const {ssh} = config;
  const connectTimeoutMs = options.connectTimeout ?? ssh.connect_timeout;
  let opened: Promise<Ssh> | undefined;
  const open = async (): Promise<Ssh> => {
    const {openSsh} = await import('./ssh/open-ssh.ts');
    const made = openSsh({
      homeDir,
      env: withoutSecrets(env),
      ...(ssh.config_file !== undefined && {configFile: resolve(cwd, ssh.config_file)}),
      ...(connectTimeoutMs !== undefined && {connectTimeoutMs}),
      acceptNewHostKeys: options.acceptNewHostKeys || ssh.accept_new_host_keys,
      transport: ssh.transport,
      ask: (question) => run.ask(question),
      ...(password && {password}),
      note: (text) => run.progress.debug(text),
    });
    closers.push(() => made.close());
    return made;
  };
  return () => {
    opened ??= open();
    return opened;
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

async function openTheLab(choice: true | string, place: LabPlace, run: RunContext): Promise<Lab> {
  const {joinLab, openLab} = await import('./lab/lab.ts');
  if (typeof choice === 'string' && isUrl(choice)) return joinLab(choice, run.signal);
  const lab = await openLab({...place, signal: run.signal});
  if (lab.notice !== undefined) run.progress.note(lab.notice);
  return lab;
}

function connectionOf({aws}: Config, lab: Lab | undefined): Connection {
  const {concurrency} = aws;
  if (lab) return {endpointUrl: lab.url, credentials: LAB_CREDENTIALS, concurrency};
  return {
    concurrency,
    ...(aws.profile ? {profile: aws.profile} : {}),
    ...(aws.endpoint_url ? {endpointUrl: aws.endpoint_url} : {}),
  };
}

function rateLimits({ec2}: Config, clock: Clock): RateLimits {
  const own = Object.entries(ec2.limits).map(([action, {burst, per_second}]) => [
    action,
    {burst, perSecond: per_second},
  ]);
  return new RateLimits(clock, Object.fromEntries(own));
}

function isUrl(text: string): boolean {
  return /^https?:\/\//.test(text);
}

/** Configuration becomes a live connection to EC2, once a run. Constructs and closes, decides nothing. */
import {resolve} from 'node:path';
import {type Clock, systemClock} from './clock.ts';
import {type LoadedConfig, loadConfig} from './config/load.ts';
import type {Config} from './config/schema.ts';
import {type Ec2, openEc2} from './ec2/client.ts';
import {RateLimits} from './ec2/limits.ts';
import type {Connection} from './ec2/sdk.ts';
import type {Lab} from './lab/lab.ts';
import type {RunContext} from './runner/task.ts';

/** What the command line says of the world that tasks work in. */
export interface ContextOptions {
  readonly config?: string;
  readonly profile?: string;
  readonly endpointUrl?: string;
  /** Work on the embedded lab: the configured fleet, a fleet file, or the address of a lab that is served. */
  readonly lab?: true | string;
}

/** The process that ftask runs in. */
export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
}

/** What every task of the house is given. */
export interface Context extends RunContext {
  readonly config: Config;
  /** The configuration with the origin of each value. */
  readonly loadedConfig: LoadedConfig;
  /** Where the lab's fleet is described and its state kept. */
  readonly labPlace: LabPlace;
  /** EC2, or the lab in its place; opened on first use, the same one for the whole run. */
  ec2(): Promise<Ec2>;
}

export interface LabPlace {
  readonly file?: string;
  readonly stateDir: string;
}

/** A context whose connections must be closed at the end of the run; may be closed twice. */
export type OpenContext = Context & {close(): Promise<void>};

/** Any key pair is good enough for a lab. */
const LAB_CREDENTIALS = {accessKeyId: 'LAB', secretAccessKey: 'lab'};

/** Loads the configuration. Nothing is connected before a task asks for it. */
export async function createContext(
  run: RunContext,
  options: ContextOptions,
  surroundings: Surroundings,
): Promise<OpenContext> {
  const loadedConfig = await loadConfig({
    ...surroundings,
    ...(options.config === undefined ? {} : {configFile: options.config}),
    overrides: overridesOf(options),
  });
  const config = loadedConfig.values;
  const labPlace = labPlaceOf(config, options, surroundings);

  const closers: (() => void | Promise<void>)[] = [];
  let opened: Promise<Ec2> | undefined;
  const open = async (): Promise<Ec2> => {
    const lab = options.lab === undefined ? undefined : await openTheLab(options.lab, labPlace, run);
    if (lab) closers.push(() => lab.close());
    const clock = lab?.clock ?? systemClock;
    const ec2 = openEc2({
      ...connectionOf(config, lab),
      clock,
      limits: rateLimits(config, clock),
      onThrottled: (region, action) =>
        run.progress.warn(
          `${region}: AWS throttles ${action}; another tool uses the same quota, slowing down`,
        ),
    });
    closers.push(() => ec2.close());
    return ec2;
  };

  return {
    ...run,
    config,
    loadedConfig,
    labPlace,
    ec2: () => {
      opened ??= open();
      return opened;
    },
    close: async () => {
      for (let closer = closers.pop(); closer; closer = closers.pop()) await closer();
    },
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

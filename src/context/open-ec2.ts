/** EC2 as the configuration says, or the embedded lab in its place. */
import {resolve} from 'node:path';
import {type Clock, systemClock} from '../clock.ts';
import type {CloseLater} from '../closers.ts';
import type {Config} from '../config/schema.ts';
import {RateLimits} from '../ec2/call/limits.ts';
import type {Connection} from '../ec2/call/sdk.ts';
import {type Ec2, openEc2} from '../ec2/client.ts';
import type {Lab} from '../lab/lab.ts';
import type {RunContext} from '../runner/task.ts';

/** What the command line says of the lab. */
export interface LabWish {
  /** Work on the embedded lab: the configured fleet, a fleet file, or the address of a lab that is served. */
  readonly lab?: true | string;
}

/** Where the lab's fleet is described and its state kept. */
export interface LabPlace {
  readonly file?: string;
  readonly stateDir: string;
}

/** Any key pair is good enough for a lab. */
const LAB_CREDENTIALS = {accessKeyId: 'LAB', secretAccessKey: 'lab'};

/** The lab's place by its full paths. */
export function labPlaceOf({lab}: Config, wish: LabWish, cwd: string): LabPlace {
  const file = typeof wish.lab === 'string' && !isUrl(wish.lab) ? wish.lab : lab.file;
  return {stateDir: resolve(cwd, lab.state), ...(file ? {file: resolve(cwd, file)} : {})};
}

interface Ec2Request {
  readonly run: Pick<RunContext, 'progress' | 'signal'>;
  readonly config: Config;
  readonly lab: LabWish['lab'];
  readonly labPlace: LabPlace;
  readonly closeLater: CloseLater;
}

/** Returns what opens EC2 when it is first called, and then gives the same one. */
export function ec2Opener(request: Ec2Request): () => Promise<Ec2> {
  let opened: Promise<Ec2> | undefined;
  return () => {
    opened ??= open(request);
    return opened;
  };
}

async function open({run, config, lab: wanted, labPlace, closeLater}: Ec2Request): Promise<Ec2> {
  const lab = wanted === undefined ? undefined : await openLabOf(wanted, labPlace, run);
  if (lab) closeLater(() => lab.close());
  const clock = lab?.clock ?? systemClock;
  const ec2 = openEc2({
    ...connectionOf(config, lab),
    clock,
    limits: rateLimits(config, clock),
    onThrottled: (region, action) =>
      run.progress.warn(`${region}: AWS throttles ${action}; another tool uses the same quota, slowing down`),
  });
  closeLater(() => ec2.close());
  return ec2;
}

async function openLabOf(wanted: true | string, place: LabPlace, run: Ec2Request['run']): Promise<Lab> {
  const {joinLab, openLab} = await import('../lab/lab.ts');
  if (typeof wanted === 'string' && isUrl(wanted)) return joinLab(wanted, run.signal);
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

/** Whether `--lab` names a lab that is served. */
export function isUrl(text: string): boolean {
  return /^https?:\/\//.test(text);
}

/** django_fabfile's own sign that it replicates: a volume in the destination that carries the source's description. */
import {type Ec2, pages} from '../../ec2/client.ts';
import type {Region} from '../../ec2/ids.ts';
import {literal} from '../../ec2/instances.ts';
import {RefusedError} from '../../errors.ts';
import type {Progress} from '../../runner/progress.ts';
import {timeText} from '../../words.ts';
import type {Source} from '../plan/source.ts';

export interface MarkerTools {
  readonly ec2: Ec2;
  readonly progress: Pick<Progress, 'note'>;
  readonly signal: AbortSignal;
  /** MiB a second: a volume that is older than its size takes at this speed was left behind. */
  readonly speed: number;
}

const ALIVE = ['creating', 'available', 'in-use'];

/** Only reads. @throws RefusedError `Replicating`; Ec2Error */
export async function respectMarker(
  {ec2, progress, signal, speed}: MarkerTools,
  region: Region,
  {description, hasFabfileDescription}: Source,
): Promise<void> {
  if (!hasFabfileDescription) return;
  const Filters = [
    {Name: 'tag:Description', Values: [literal(description)]},
    {Name: 'status', Values: ALIVE},
  ];
  for await (const {Volumes = []} of pages(ec2, region, 'DescribeVolumes', {Filters}, signal)) {
    for (const {VolumeId: id, CreateTime, Size = 0} of Volumes) {
      const sinceMs = CreateTime?.getTime() ?? 0;
      const untilMs = sinceMs + ((Size * 1024) / speed) * 1000;
      if (ec2.clock.now() < untilMs) throw replicating(region, `${id}`, {sinceMs, untilMs});
      progress.note(
        `${region}: ${id} was left by django_fabfile at ${timeText(sinceMs)} and is ignored; delete it`,
      );
    }
  }
}

function replicating(
  region: Region,
  volume: string,
  {sinceMs, untilMs}: {readonly sinceMs: number; readonly untilMs: number},
): RefusedError {
  return new RefusedError(
    'Replicating',
    `${region}: django_fabfile is replicating it to ${volume}, since ${timeText(sinceMs)}`,
    {hint: `Wait for it. If it is gone for sure, delete ${volume}, or run this after ${timeText(untilMs)}.`},
  );
}

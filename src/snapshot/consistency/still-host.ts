/** Holds a running instance still through its host: hooks, freeze, the call, thaw, hooks. */
import {type AttachedVolume, DeviceNotFound, type VolumeUse, volumeUses} from '../../disk/volume-device.ts';
import {FtaskError} from '../../errors.ts';
import type {Host} from '../../host/host.ts';
import {bootVolumeOf, type PlannedSet} from '../plan.ts';
import {hooksFor, runHooks} from './hooks.ts';
import {withoutMountedSince} from './mounted-since.ts';
import {type FreezePlan, type PlannedFilesystem, planFreeze} from './plan-freeze.ts';
import {crashed, type Reached, reachedOf} from './reached.ts';
import {type Sent, sendStill} from './send-still.ts';
import {type Stillness, type StillScene, sharedVolumes} from './stillness.ts';
import {lineOf} from './told.ts';

const FRESH_MS = 5000;

type Send<Answer> = () => Promise<Answer>;

/** AWS may have made the snapshots before the thaw, or after it. */
const UNANSWERED = crashed("AWS's answer was lost: nobody knows whether they were made before the thaw");

/** A running instance. With best effort each attempt is made, even if nothing can be held still. */
export class StillHost implements Stillness {
  readonly #scene: StillScene;
  readonly #host: Host;
  /** For the first attempt, if that comes before long. */
  #looked: {readonly plan: FreezePlan; readonly atMs: number} | undefined;
  #reached: Reached = UNANSWERED;

  /** @throws UsageError when the instance has no address */
  constructor(scene: StillScene) {
    const {request, set, region} = scene;
    this.#scene = scene;
    this.#host = request.hostOf(set.instance, region);
  }

  /** Connects and plans the freeze, so that the first attempt need not. @throws what `volumeUses` throws */
  async look(): Promise<void> {
    const {set, progress} = this.#scene;
    const plan = await this.#plan();
    this.#looked = {plan, atMs: performance.now()};
    for (const remark of plan.remarks) progress.note(`${set.instance.id}: ${remark}`);
  }

  readonly around: Stillness['around'] = async (send) => {
    let isSent = false;
    try {
      return await this.#attempt(() => {
        isSent = true;
        return send();
      });
    } catch (error) {
      const {request, signal} = this.#scene;
      const mayDoWithout = request.bestEffort && !isSent && !signal.aborted;
      if (!mayDoWithout || !(error instanceof FtaskError)) throw error;
      this.#reached = crashed(lineOf(error, this.#host.name));
      return send();
    }
  };

  async reached(): Promise<Reached> {
    return this.#reached;
  }

  close(): Promise<void> {
    return this.#host.close();
  }

  async #attempt<Answer>(send: Send<Answer>): Promise<Answer> {
    const {set, request, signal, progress} = this.#scene;
    const plan = this.#freshPlan() ?? (await this.#plan());
    this.#reached = UNANSWERED;
    const missed = await runHooks('before', this.#host, hooksFor(set.instance, request.before));
    let isAnswered = false;
    try {
      signal.throwIfAborted();
      if (missed[0] && !request.bestEffort) throw missed[0];
      const {answer, held} = await this.#sendStill(plan, send);
      isAnswered = true;
      this.#reached = await this.#sinceMounted(plan, reachedOf(plan, held));
      this.#fallShort(missed);
      return answer;
    } finally {
      const undone = await runHooks('after', this.#host, hooksFor(set.instance, request.after));
      if (!isAnswered) for (const {message} of undone) progress.warn(message);
      this.#fallShort(undone);
    }
  }

  async #sendStill<Answer>({filesystems}: FreezePlan, send: Send<Answer>): Promise<Sent<Answer>> {
    const {request, signal, say, progress} = this.#scene;
    const pointsOf = (wanted: PlannedFilesystem['how']): string[] =>
      filesystems.filter(({how}) => how === wanted).map(({mountPoint}) => mountPoint);
    const still = {
      host: this.#host,
      frozen: pointsOf('freeze'),
      synced: pointsOf('sync'),
      timeoutMs: request.freezeTimeoutMs,
      signal,
      warn: (text: string) => progress.warn(text),
    };
    if (still.frozen.length > 0) say('freezing');
    const sent = await sendStill(still, send);
    const {report} = sent.held;
    if (report && report.frozen.length > 0) say(`frozen ${Math.round(report.ms)} ms`);
    return sent;
  }

  /** Between the look and the freeze somebody may have mounted more. */
  async #sinceMounted(plan: FreezePlan, reached: Reached): Promise<Reached> {
    try {
      return withoutMountedSince(reached, plan, await this.#plan());
    } catch (error) {
      if (!(error instanceof FtaskError)) throw error;
      const why = `what is mounted now cannot be told: ${lineOf(error, this.#host.name)}`;
      return {...reached, ...crashed(...reached.shortfalls, why)};
    }
  }

  /** While an attempt waits for its turn, filesystems may be mounted. */
  #freshPlan(): FreezePlan | undefined {
    const looked = this.#looked;
    this.#looked = undefined;
    return looked && performance.now() - looked.atMs < FRESH_MS ? looked.plan : undefined;
  }

  async #plan(): Promise<FreezePlan> {
    const {set, request, say} = this.#scene;
    say('looking at its filesystems');
    const {instance, volumes} = set;
    return planFreeze({
      uses: await usesOf(this.#host, set),
      set: volumes.map(({id}) => id),
      bootVolume: bootVolumeOf(instance),
      shared: sharedVolumes(set),
      freezeRoot: request.freezeRoot,
    });
  }

  #fallShort(failures: readonly FtaskError[]): void {
    const {shortfalls} = this.#reached;
    const more = failures.map((failure) => lineOf(failure, this.#host.name));
    this.#reached = {...this.#reached, shortfalls: [...shortfalls, ...more]};
  }
}

/** Of all volumes of the instance, to see what lies outside of the set, too; of the set's if others are not there. */
async function usesOf(host: Host, {instance, volumes}: PlannedSet): Promise<readonly VolumeUse[]> {
  try {
    return await volumeUses(host, instance.volumes.map(asAttached));
  } catch (error) {
    if (!(error instanceof DeviceNotFound) || volumes.length === instance.volumes.length) throw error;
    return volumeUses(host, volumes.map(asAttached));
  }
}

function asAttached({id, device}: {readonly id: string; readonly device: string}): AttachedVolume {
  return {volumeId: id, device};
}

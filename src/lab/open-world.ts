/** Opens what a lab is about: entities alone, or entities with hardware behind them. */
import type {CloseLater} from '../closers.ts';
import type {ParsedFleet} from './fleet/parse.ts';
import type {Hardware} from './hardware/hardware.ts';
import type {Lock} from './lock.ts';
import {removeState} from './state/state-file.ts';
import {World} from './world.ts';

/** How often a lab that is not yet served says that it lives. */
const BEAT_MS = 1000;

export interface HardwareWish {
  /** This process's id outside of its namespaces. */
  readonly pid: number;
  /** Told what goes wrong where nobody waits for it. */
  readonly warn: (text: string) => void;
}

export interface WorldRequest {
  readonly stateDir?: string | undefined;
  readonly hardware?: HardwareWish | undefined;
  /** Ends the start of hardware. */
  readonly signal?: AbortSignal | undefined;
  readonly parsed: ParsedFleet;
  readonly lock: Lock | undefined;
}

export interface OpenWorld {
  readonly world: World;
  readonly hardware?: Hardware;
}

/** Opens the world; what is to be closed with it is closed in the end. @throws RefusedError, UsageError */
export async function openWorld(
  {parsed, stateDir, hardware: wanted, signal, lock}: WorldRequest,
  closeLater: CloseLater,
): Promise<OpenWorld> {
  if (!wanted || stateDir === undefined) {
    const world = new World(parsed, {stateDir});
    closeLater(() => world.close());
    return {world};
  }
  const {openHardware, removeIncomplete} = await import('./hardware/open-hardware.ts');
  if (await removeIncomplete(stateDir)) removeState(stateDir);
  const world = new World(parsed, {stateDir, hasHardware: true});
  closeLater(() => world.close());
  const beat = setInterval(() => lock?.touch(), BEAT_MS);
  try {
    const {hardware, close} = await openHardware({stateDir, world, signal, warn: wanted.warn});
    closeLater(close);
    return {world, hardware};
  } finally {
    clearInterval(beat);
  }
}

/** The device of a volume that has just been attached. */
import type {Clock} from '../clock.ts';
import type {Host} from '../host/host.ts';
import {type AttachedVolume, DeviceNotFound, type VolumeUse, volumeUses} from './volume-device.ts';

export interface Patience {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A new device appears a moment after EC2 says that it is attached. */
const DEVICE_TIMEOUT_MS = 60_000;
const DEVICE_INTERVAL_MS = 500;

/** Waits until the host has a device of the volume. @throws DeviceNotFound when it still has none after a minute */
export async function attachedDevice(
  host: Host,
  volume: AttachedVolume,
  {clock, signal}: Patience,
): Promise<VolumeUse> {
  const giveUpAt = clock.now() + DEVICE_TIMEOUT_MS;
  for (;;) {
    try {
      const [use] = await volumeUses(host, [volume]);
      if (use) return use;
    } catch (error) {
      if (!(error instanceof DeviceNotFound) || clock.now() > giveUpAt) throw error;
    }
    await clock.sleep(DEVICE_INTERVAL_MS, signal);
  }
}

/** A device is meant together with the host that it is on. */
import type {Host} from '../../host/host.ts';

export interface DeviceOnHost {
  readonly host: Host;
  /** A path that leads to it. */
  readonly device: string;
}

/** `web1: /dev/nvme1n1`. */
export function nameOf({host, device}: DeviceOnHost): string {
  return `${host.name}: ${device}`;
}

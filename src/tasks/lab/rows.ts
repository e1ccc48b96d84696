/** The instances of a lab that is up, as rows. */
import type {LabView} from '../../lab/hardware/keeper/keeper.ts';

export interface LabRow {
  readonly instance: string;
  readonly name: string;
  readonly region: string;
  readonly state: string;
  readonly address: string;
  readonly volumes: string;
}

/** One row an instance; volumes by their devices. */
export function labRows({instances}: LabView): LabRow[] {
  return instances.map(({id, name, region, state, address, volumes}) => ({
    instance: id,
    name,
    region,
    state,
    address,
    volumes: volumes.map(({id: volume, device}) => `${device} ${volume}`).join(', '),
  }));
}

/** What an instance is made of. */
import type {BlockDevice} from '../disks/disks.ts';

/** A volume that is attached: what the API calls it, and the device of this machine that is its blocks. */
export interface MachineDisk {
  readonly volumeId: string;
  /** `/dev/sdf` */
  readonly name: string;
  readonly device: BlockDevice;
}

/** Where an instance mounts a disk, from its first boot on. */
export interface MachineMount {
  readonly volumeId: string;
  readonly mountPoint: string;
  readonly filesystem: string;
}

export interface MachineSpec {
  readonly id: string;
  /** Becomes the host name. */
  readonly name: string;
  readonly region: string;
  /** `t3.micro`: decides how disks are called. */
  readonly type: string;
  readonly address: string;
  /** Which of the disks is the root, by its name. */
  readonly rootName: string;
  readonly disks: readonly MachineDisk[];
  readonly mounts?: readonly MachineMount[];
  /** For the user `admin`; written at the first boot alone. */
  readonly authorizedKeys: readonly string[];
  /** As text, not in base64. */
  readonly userData?: string;
}

/** Where a volume is attached at a moment. */
import type {VolumeAttachment, VolumeState} from '@aws-sdk/client-ec2';
import {type Attachment, type Instance, stateAt, type Volume} from '../state/entities.ts';
import type {Store} from '../state/store.ts';

/** A volume as one instance has it. */
export interface Disk {
  readonly volume: Volume;
  readonly attachment: Attachment;
  readonly isRoot: boolean;
}

/** The attachments that are not yet gone. */
export function attachmentsAt({attachments}: Volume, now: number): Attachment[] {
  return attachments.filter(({state}) => stateAt(state, now) !== 'detached');
}

/** The volume's attachment to an instance, if it has one. */
export function attachmentTo(volume: Volume, instanceId: string, now: number): Attachment | undefined {
  return attachmentsAt(volume, now).find((attachment) => attachment.instanceId === instanceId);
}

/** The volumes of an instance with their attachments, the root volume first, then by device. */
export function disksOf(instance: Instance, store: Store, now: number): Disk[] {
  const disks = store.volumesOf(instance.region, instance.id).flatMap((volume) => {
    const attachment = attachmentTo(volume, instance.id, now);
    return attachment ? [{volume, attachment, isRoot: attachment.device === instance.rootDevice}] : [];
  });
  return disks.sort(
    (a, b) => Number(b.isRoot) - Number(a.isRoot) || (a.attachment.device < b.attachment.device ? -1 : 1),
  );
}

/** The volume's state, which its attachments decide. */
export function volumeState(volume: Volume, now: number): VolumeState {
  if (now < volume.availableAt) return 'creating';
  return attachmentsAt(volume, now).length > 0 ? 'in-use' : 'available';
}

/** An attachment as EC2 answers with it. */
export function attachmentView(volume: Volume, attachment: Attachment, now: number): VolumeAttachment {
  return {
    VolumeId: volume.id,
    InstanceId: attachment.instanceId,
    Device: attachment.device,
    State: stateAt(attachment.state, now),
    AttachTime: new Date(attachment.attachedAt),
    DeleteOnTermination: attachment.deleteOnTermination,
  };
}

/** AttachVolume and DetachVolume. */
import type {AttachVolumeRequest, DetachVolumeRequest, VolumeAttachment} from '@aws-sdk/client-ec2';
import {type Call, type Handler, required} from '../api/call.ts';
import {find} from '../api/find.ts';
import {type Attachment, type Instance, stateAt, type Volume} from '../state/entities.ts';
import {ApiError} from '../wire/api-error.ts';
import {attachmentsAt, attachmentTo, attachmentView, disksOf, volumeState} from './attachment.ts';

export const attachVolume: Handler<AttachVolumeRequest, VolumeAttachment> = (input, call) => {
  const volume = find('volume', required(input.VolumeId, 'VolumeId'), call);
  const instance = find('instance', required(input.InstanceId, 'InstanceId'), call);
  const device = required(input.Device, 'Device');
  checkAttachable(volume, instance, device, call);
  const attachment: Attachment = {
    instanceId: instance.id,
    device,
    attachedAt: call.now,
    state: {
      before: 'attaching',
      at: call.now + call.world.fleet.timing.attach_seconds * 1000,
      after: 'attached',
    },
    deleteOnTermination: false,
  };
  call.changes.put('volume', {...volume, attachments: [...attachmentsAt(volume, call.now), attachment]});
  return attachmentView(volume, attachment, call.now);
};

export const detachVolume: Handler<DetachVolumeRequest, VolumeAttachment> = (input, call) => {
  const volume = find('volume', required(input.VolumeId, 'VolumeId'), call);
  const attachments = attachmentsAt(volume, call.now);
  if (volume.multiAttach && input.InstanceId === undefined) {
    throw new ApiError(
      'MissingParameter',
      'The request must contain the parameter InstanceId for a Multi-Attach volume',
    );
  }
  const attachment = attachments.find(
    ({instanceId, device}) =>
      (input.InstanceId === undefined || input.InstanceId === instanceId) &&
      (input.Device === undefined || input.Device === device),
  );
  if (!attachment || !mayLeave(attachment, input, call)) {
    throw new ApiError(
      'IncorrectState',
      `Volume '${volume.id}' is in the '${volumeState(volume, call.now)}' state.`,
    );
  }
  const instance = call.store.get('instance', call.region, attachment.instanceId);
  if (
    instance &&
    instance.rootDevice === attachment.device &&
    stateAt(instance.state, call.now) !== 'stopped'
  ) {
    throw new ApiError(
      'OperationNotPermitted',
      `Unable to detach root volume '${volume.id}' from instance '${instance.id}'`,
    );
  }
  const isForced = input.Force === true;
  const at = isForced ? call.now : call.now + call.world.fleet.timing.attach_seconds * 1000;
  const leaving: Attachment = {...attachment, isForced, state: {before: 'detaching', at, after: 'detached'}};
  const others = attachments.filter((other) => other !== attachment);
  call.changes.put('volume', {...volume, attachments: [...others, leaving]});
  return {...attachmentView(volume, leaving, call.now), State: 'detaching'};
};

/** What is detached already and does not come to an end can be forced. */
function mayLeave({state}: Attachment, {Force}: DetachVolumeRequest, {now}: Call): boolean {
  const shown = stateAt(state, now);
  return shown === 'attached' || (shown === 'detaching' && Force === true);
}

function checkAttachable(volume: Volume, instance: Instance, device: string, call: Call): void {
  const state = stateAt(instance.state, call.now);
  if (state !== 'running' && state !== 'stopped') {
    throw new ApiError('IncorrectState', `Instance '${instance.id}' is not 'running'.`);
  }
  if (volume.zone !== instance.zone) {
    throw new ApiError(
      'InvalidVolume.ZoneMismatch',
      `The volume '${volume.id}' is not in the same availability zone as instance '${instance.id}'`,
    );
  }
  const own = volumeState(volume, call.now);
  if (own === 'in-use' && (!volume.multiAttach || attachmentTo(volume, instance.id, call.now))) {
    throw new ApiError('VolumeInUse', `${volume.id} is already attached to an instance`);
  }
  if (own === 'creating') throw new ApiError('IncorrectState', `${volume.id} is not 'available'.`);
  const isTaken = disksOf(instance, call.store, call.now).some(
    ({attachment}) => attachment.device === device,
  );
  if (isTaken) {
    throw new ApiError(
      'InvalidParameterValue',
      `Invalid value '${device}' for unixDevice. Attachment point ${device} is already in use`,
    );
  }
}

/** StartInstances, StopInstances, RebootInstances and TerminateInstances. */
import type {
  InstanceStateChange,
  RebootInstancesRequest,
  StartInstancesRequest,
  StartInstancesResult,
  StopInstancesRequest,
  StopInstancesResult,
  TerminateInstancesRequest,
  TerminateInstancesResult,
} from '@aws-sdk/client-ec2';
import {type Call, type Handler, required} from '../api/call.ts';
import {find} from '../api/find.ts';
import {type Instance, type InstanceState, stateAt} from '../state/entities.ts';
import {attachmentsAt} from '../storage/attachment.ts';
import {ApiError} from '../wire/api-error.ts';
import {stateView} from './describe-instances.ts';

export const startInstances: Handler<StartInstancesRequest, StartInstancesResult> = (input, call) => ({
  StartingInstances: each(input.InstanceIds, call, (instance, state) => {
    if (state === 'running' || state === 'pending') return state;
    if (state !== 'stopped') throw incorrect(instance, state, 'started');
    return move(instance, 'pending', 'running', call);
  }),
});

export const stopInstances: Handler<StopInstancesRequest, StopInstancesResult> = (input, call) => ({
  StoppingInstances: each(input.InstanceIds, call, (instance, state) => {
    if (!instance.isEbs) {
      throw new ApiError(
        'UnsupportedOperation',
        `The instance '${instance.id}' has no EBS root and cannot be stopped.`,
      );
    }
    if (state === 'stopped' || state === 'stopping') return state;
    if (state !== 'running') throw incorrect(instance, state, 'stopped');
    return move(instance, 'stopping', 'stopped', call);
  }),
});

/** Volumes that are not deleted with their instance are detached from it. */
export const terminateInstances: Handler<TerminateInstancesRequest, TerminateInstancesResult> = (
  input,
  call,
) => ({
  TerminatingInstances: each(input.InstanceIds, call, (instance, state) => {
    if (state === 'terminated' || state === 'shutting-down') return state;
    releaseVolumes(instance, call);
    return move(instance, 'shutting-down', 'terminated', call);
  }),
});

export const rebootInstances: Handler<RebootInstancesRequest, object> = (input, call) => {
  each(input.InstanceIds, call, (instance, state) => {
    if (state !== 'running') throw incorrect(instance, state, 'rebooted');
    call.changes.put('instance', {...instance, rebootedAt: call.now});
    return state;
  });
  return {};
};

type Step = (instance: Instance, state: InstanceState) => InstanceState;

function each(ids: readonly string[] | undefined, call: Call, step: Step): InstanceStateChange[] {
  return [...new Set(required(ids, 'InstanceId'))].map((id) => {
    const instance = find('instance', id, call);
    const previous = stateAt(instance.state, call.now);
    const current = step(instance, previous);
    return {InstanceId: id, PreviousState: stateView(previous), CurrentState: stateView(current)};
  });
}

function move(instance: Instance, before: InstanceState, after: InstanceState, call: Call): InstanceState {
  const at = call.now + call.world.fleet.timing.state_change_seconds * 1000;
  call.changes.put('instance', {...instance, state: {before, at, after}});
  return before;
}

function releaseVolumes(instance: Instance, call: Call): void {
  for (const volume of call.store.volumesOf(call.region, instance.id)) {
    const attachments = attachmentsAt(volume, call.now);
    const own = attachments.find(({instanceId}) => instanceId === instance.id);
    if (!own) continue;
    if (own.deleteOnTermination) call.changes.delete('volume', volume);
    else call.changes.put('volume', {...volume, attachments: attachments.filter((other) => other !== own)});
  }
}

function incorrect({id}: Instance, state: InstanceState, wish: string): ApiError {
  return new ApiError('IncorrectInstanceState', `The instance '${id}' is ${state} and cannot be ${wish}.`);
}

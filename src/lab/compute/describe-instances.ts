/** DescribeInstances. */
import type {
  Instance as Answer,
  AttachmentStatus,
  DescribeInstancesRequest,
  DescribeInstancesResult,
  InstanceBlockDeviceMapping,
  Reservation,
  InstanceState as StateAnswer,
} from '@aws-sdk/client-ec2';
import {type Call, given, type Handler} from '../api/call.ts';
import {compileFilters, type FilterTable, where} from '../api/filters.ts';
import {find, isVisible, notFound} from '../api/find.ts';
import {pageOf} from '../api/paging.ts';
import {tagSet} from '../api/tag-rules.ts';
import {vpcOf} from '../fleet/seed.ts';
import {type Instance, type InstanceState, stateAt} from '../state/entities.ts';
import {attachmentView, disksOf} from '../storage/attachment.ts';

const LINGER_MS = 60 * 60 * 1000;

export const describeInstances: Handler<DescribeInstancesRequest, DescribeInstancesResult> = (
  input,
  call,
) => {
  const ids = given(input.InstanceIds);
  const passes = compileFilters(input.Filters, filterTable(call));
  const isShown = (instance: Instance) => isVisible(instance, call.now) && !isForgotten(instance, call.now);
  const instances = ids
    ? [...new Set(ids)].map((id) => {
        const instance = find('instance', id, call);
        if (isForgotten(instance, call.now)) throw notFound('instance', id);
        return instance;
      })
    : where(call.store.all('instance', call.region), isShown);
  const {items, nextToken} = pageOf(where(instances, passes), input, call, {ids});
  return {Reservations: reservations(items, call), NextToken: nextToken};
};

/** A reservation with the instances of one launch. */
export function reservationView(instances: readonly Instance[], call: Call): Reservation {
  return {
    ReservationId: instances[0]?.reservationId,
    OwnerId: instances[0]?.owner,
    Groups: [],
    Instances: instances.map((instance) => instanceView(instance, call)),
  };
}

/** A state with its number. */
export function stateView(state: InstanceState): StateAnswer {
  return {Code: CODES[state], Name: state};
}

const CODES: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

/** Terminated instances stay in sight for a while. */
function isForgotten({state}: Instance, now: number): boolean {
  return state.after === 'terminated' && now > state.at + LINGER_MS;
}

function reservations(instances: readonly Instance[], call: Call): Reservation[] {
  const byId = new Map<string, Instance[]>();
  for (const instance of instances) {
    const launched = byId.get(instance.reservationId);
    if (launched) launched.push(instance);
    else byId.set(instance.reservationId, [instance]);
  }
  return [...byId.values()].map((launched) => reservationView(launched, call));
}

function instanceView(instance: Instance, call: Call): Answer {
  const state = stateAt(instance.state, call.now);
  const isGone = state === 'terminated';
  return {
    InstanceId: instance.id,
    ImageId: instance.imageId,
    State: stateView(state),
    PrivateDnsName: isGone
      ? ''
      : `ip-${instance.privateIp.replaceAll('.', '-')}.${call.region}.compute.internal`,
    PublicDnsName: '',
    PrivateIpAddress: isGone ? undefined : instance.privateIp,
    PublicIpAddress: isGone ? undefined : instance.publicIp,
    KeyName: instance.keyName,
    AmiLaunchIndex: 0,
    InstanceType: instance.type as Answer['InstanceType'],
    LaunchTime: new Date(instance.createdAt),
    Placement: {AvailabilityZone: instance.zone, GroupName: '', Tenancy: 'default'},
    Monitoring: {State: 'disabled'},
    VpcId: isGone ? undefined : vpcOf(call.region),
    Architecture: instance.architecture,
    RootDeviceType: instance.isEbs ? 'ebs' : 'instance-store',
    RootDeviceName: instance.rootDevice,
    BlockDeviceMappings: blockDevices(instance, call),
    VirtualizationType: 'hvm',
    Hypervisor: 'xen',
    SecurityGroups: instance.groupIds.map((id) => ({
      GroupId: id,
      GroupName: call.store.get('security-group', call.region, id)?.name,
    })),
    Tags: tagSet(instance.tags),
  };
}

function blockDevices(instance: Instance, {store, now}: Call): InstanceBlockDeviceMapping[] {
  return disksOf(instance, store, now).map(({volume, attachment}) => {
    const {State, AttachTime, DeleteOnTermination, Device} = attachmentView(volume, attachment, now);
    return {
      DeviceName: Device,
      Ebs: {VolumeId: volume.id, Status: State as AttachmentStatus, AttachTime, DeleteOnTermination},
    };
  });
}

function filterTable(call: Call): FilterTable<Instance> {
  const disks = (instance: Instance) => disksOf(instance, call.store, call.now);
  return {
    architecture: ({architecture}) => architecture,
    'availability-zone': ({zone}) => zone,
    'block-device-mapping.device-name': (instance) =>
      disks(instance).map(({attachment}) => attachment.device),
    'block-device-mapping.volume-id': (instance) => disks(instance).map(({volume}) => volume.id),
    'image-id': ({imageId}) => imageId,
    'instance-id': ({id}) => id,
    'instance-state-code': ({state}) => CODES[stateAt(state, call.now)],
    'instance-state-name': ({state}) => stateAt(state, call.now),
    'instance-type': ({type}) => type,
    'instance.group-id': ({groupIds}) => groupIds,
    'key-name': ({keyName}) => keyName,
    'launch-time': ({createdAt}) => new Date(createdAt).toISOString(),
    'owner-id': ({owner}) => owner,
    'private-ip-address': ({privateIp}) => privateIp,
    'reservation-id': ({reservationId}) => reservationId,
    'root-device-name': ({rootDevice}) => rootDevice,
    'root-device-type': ({isEbs}) => (isEbs ? 'ebs' : 'instance-store'),
    'vpc-id': ({region}) => vpcOf(region),
  };
}

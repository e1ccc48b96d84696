/** DescribeVolumes. */
import type {Volume as Answer, DescribeVolumesRequest, DescribeVolumesResult} from '@aws-sdk/client-ec2';
import {given, type Handler} from '../api/call.ts';
import {compileFilters, type FilterTable, where} from '../api/filters.ts';
import {find, isVisible} from '../api/find.ts';
import {pageOf} from '../api/paging.ts';
import {tagSet} from '../api/tag-rules.ts';
import {stateAt, type Volume} from '../state/entities.ts';
import {attachmentsAt, attachmentView, volumeState} from './attachment.ts';

export const describeVolumes: Handler<DescribeVolumesRequest, DescribeVolumesResult> = (input, call) => {
  const ids = given(input.VolumeIds);
  const passes = compileFilters(input.Filters, filterTable(call.now));
  const volumes = ids
    ? [...new Set(ids)].map((id) => find('volume', id, call))
    : where(call.store.all('volume', call.region), (volume) => isVisible(volume, call.now));
  const {items, nextToken} = pageOf(where(volumes, passes), input, call, {ids, isCapped: true});
  return {Volumes: items.map((volume) => volumeView(volume, call.now)), NextToken: nextToken};
};

/** A volume as EC2 answers with it. */
export function volumeView(volume: Volume, now: number): Answer {
  return {
    VolumeId: volume.id,
    Size: volume.sizeGiB,
    SnapshotId: volume.snapshotId,
    AvailabilityZone: volume.zone,
    State: volumeState(volume, now),
    CreateTime: new Date(volume.createdAt),
    Attachments: attachmentsAt(volume, now).map((attachment) => attachmentView(volume, attachment, now)),
    VolumeType: volume.type as Answer['VolumeType'],
    Iops: volume.iops,
    Throughput: volume.throughput,
    Encrypted: volume.encrypted,
    KmsKeyId: volume.kmsKeyId,
    MultiAttachEnabled: volume.multiAttach,
    Tags: tagSet(volume.tags),
  };
}

function filterTable(now: number): FilterTable<Volume> {
  const each = <T>(read: (attachment: Volume['attachments'][number]) => T) => {
    return (volume: Volume) => attachmentsAt(volume, now).map(read);
  };
  return {
    'attachment.attach-time': each(({attachedAt}) => new Date(attachedAt).toISOString()),
    'attachment.delete-on-termination': each(({deleteOnTermination}) => deleteOnTermination),
    'attachment.device': each(({device}) => device),
    'attachment.instance-id': each(({instanceId}) => instanceId),
    'attachment.status': each(({state}) => stateAt(state, now)),
    'availability-zone': ({zone}) => zone,
    'create-time': ({createdAt}) => new Date(createdAt).toISOString(),
    encrypted: ({encrypted}) => encrypted,
    'multi-attach-enabled': ({multiAttach}) => multiAttach,
    size: ({sizeGiB}) => sizeGiB,
    'snapshot-id': ({snapshotId}) => snapshotId,
    status: (volume) => volumeState(volume, now),
    'volume-id': ({id}) => id,
    'volume-type': ({type}) => type,
  };
}

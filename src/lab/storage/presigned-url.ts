/** The URL by which a copy reads an encrypted snapshot in another region, in its strictest reading. Pure. */

/** What EC2 knows of CopySnapshot, and what belongs to the signature. */
const KNOWN =
  /^(Action|Version|Description|DestinationRegion|DryRun|Encrypted|KmsKeyId|SourceRegion|SourceSnapshotId|CompletionDurationMinutes|TagSpecification\.\d+\..+|X-Amz-.+)$/;

export interface Presigned {
  readonly sourceRegion: string;
  readonly snapshotId: string;
  /** Where the copy goes. */
  readonly region: string;
}

/** Whether it is signed for the source's region and names what is copied from where to where, and nothing unheard of. */
export function isGoodUrl(text: string, {sourceRegion, snapshotId, region}: Presigned): boolean {
  if (!URL.canParse(text)) return false;
  const query = new URL(text).searchParams;
  const wanted = {
    Action: 'CopySnapshot',
    SourceRegion: sourceRegion,
    SourceSnapshotId: snapshotId,
    DestinationRegion: region,
  };
  const [, , signedFor, service] = (query.get('X-Amz-Credential') ?? '').split('/');
  return (
    Object.entries(wanted).every(([name, value]) => query.get(name) === value) &&
    [...query.keys()].every((name) => KNOWN.test(name)) &&
    signedFor === sourceRegion &&
    service === 'ec2' &&
    query.has('X-Amz-Signature')
  );
}

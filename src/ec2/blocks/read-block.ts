/** The data of one block of a snapshot, by the EBS direct APIs. */
import {createHash} from 'node:crypto';
import {FtaskError} from '../../errors.ts';
import type {Ec2} from '../client.ts';
import type {Region, SnapshotId} from '../ids.ts';
import type {BlockRef} from './list-blocks.ts';

/** A body that broke off or came damaged is asked for again so many times. */
const ATTEMPTS = 3;
const PAUSE_MS = 1000;

/** A block as AWS sent it, which its checksum proves; of an encrypted snapshot decrypted. @throws Ec2Error; FtaskError `DamagedBlock` */
export async function readBlock(
  ec2: Ec2,
  region: Region,
  snapshot: SnapshotId,
  {index, token}: BlockRef,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const input = {SnapshotId: snapshot, BlockIndex: index, BlockToken: token};
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const {BlockData, Checksum} = await ec2.call(region, 'GetSnapshotBlock', input, signal);
    const bytes = await BlockData?.transformToByteArray().catch(() => undefined);
    if (bytes && sha256(bytes) === Checksum) return bytes;
    signal?.throwIfAborted();
    await ec2.clock.sleep(PAUSE_MS, signal);
  }
  throw new FtaskError(
    'DamagedBlock',
    `block ${index} of ${snapshot} in ${region} does not arrive as its checksum says`,
    {hint: 'Check the network and run again.'},
  );
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}

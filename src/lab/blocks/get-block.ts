/** GetSnapshotBlock. */
import {createHash} from 'node:crypto';
import type {Answer} from '../api/answer.ts';
import type {Call} from '../api/call.ts';
import {invalid} from './block-error.ts';
import {type Contents, flipped} from './contents.ts';
import {readable} from './readable.ts';
import {isBlockToken} from './tokens.ts';

export interface BlockRequest {
  readonly id: string;
  readonly index: string;
  readonly token: string | null;
  /** An injected fault: what is sent is not what the checksum is of. */
  readonly isFlawed: boolean;
}

/** The data of one block, with its checksum. Of an encrypted snapshot it comes decrypted. */
export async function getBlock(request: BlockRequest, call: Call, contents: Contents): Promise<Answer> {
  const snapshot = readable(request.id, call);
  if (!/^\d{1,9}$/.test(request.index)) throw invalid('INVALID_BLOCK', 'The block index is not a number');
  const index = Number(request.index);
  if (request.token === null || !isBlockToken(request.token, request.id, index, call.now)) {
    throw invalid('INVALID_BLOCK_TOKEN', `The block token is not one of block ${index} of ${request.id}`);
  }
  const block = await contents.block(snapshot, index);
  return {
    status: 200,
    code: undefined,
    body: request.isFlawed ? flipped(block) : block,
    headers: {
      'content-type': 'application/octet-stream',
      'x-amz-data-length': String(block.length),
      'x-amz-checksum': createHash('sha256').update(block).digest('base64'),
      'x-amz-checksum-algorithm': 'SHA256',
    },
  };
}

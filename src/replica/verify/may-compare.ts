/** Whether blocks may be read on both sides: asked before anything is copied that could not be compared. */
import {listBlocks} from '../../ec2/blocks/list-blocks.ts';
import {readBlock} from '../../ec2/blocks/read-block.ts';
import type {Ec2} from '../../ec2/client.ts';
import {Ec2Error, NotPermittedError} from '../../ec2/errors.ts';
import type {Region} from '../../ec2/ids.ts';
import {RefusedError} from '../../errors.ts';
import type {Place} from './compare-blocks.ts';

/** What no snapshot has there; permissions come first, so AWS only says so to those who may ask. */
const NO_BLOCK = {index: 0, token: 'none'};

/** Reads a block of `source`, and in `to` one that is not there. @throws RefusedError `NotPermitted`; Ec2Error */
export async function refuseUnreadable(
  ec2: Ec2,
  source: Place,
  to: Region,
  signal: AbortSignal,
): Promise<void> {
  try {
    await readOne(ec2, source, signal);
    await readOne(ec2, {...source, region: to}, signal);
  } catch (error) {
    if (!(error instanceof NotPermittedError)) throw error;
    throw new RefusedError('NotPermitted', `blocks cannot be compared: ${error.message}`, {
      hint: `${error.hint} Without --verify it is not needed.`,
      cause: error,
    });
  }
}

async function readOne(ec2: Ec2, {region, id}: Place, signal: AbortSignal): Promise<void> {
  const page = await unlessThere(() => listBlocks(ec2, region, id, signal).next());
  const [block = NO_BLOCK] = page?.value?.blocks ?? [];
  await unlessThere(() => readBlock(ec2, region, id, block, signal));
}

/** Nothing when AWS would answer, but has not what was asked for. */
async function unlessThere<Value>(ask: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof Ec2Error) || !/^(ResourceNotFound|Validation)Exception$/.test(error.code))
      throw error;
    return undefined;
  }
}

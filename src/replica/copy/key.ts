/** Whether the key of a destination can be used, before the first copy with it. */
import type {Ec2} from '../../ec2/client.ts';
import type {Region} from '../../ec2/ids.ts';
import type {RunContext} from '../../runner/task.ts';

/** False when nobody may tell. @throws FtaskError when it cannot be used */
export async function checkKey(
  _tools: {readonly ec2: Ec2; readonly run: Pick<RunContext, 'signal' | 'progress'>},
  _region: Region,
  _key: string,
): Promise<boolean> {
  return false;
}

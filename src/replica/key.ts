/** Whether the key of a destination can be used, before the first replica with it. */
import type {Ec2} from '../ec2/client.ts';
import type {Region} from '../ec2/ids.ts';
import {checkKey as lookUp} from '../ec2/kms-key.ts';
import type {RunContext} from '../runner/task.ts';

/** False, and told, when nobody may tell. @throws RefusedError `UnusableKey`; Ec2Error */
export async function checkKey(
  {ec2, run}: {readonly ec2: Ec2; readonly run: Pick<RunContext, 'signal' | 'progress'>},
  region: Region,
  key: string,
): Promise<boolean> {
  const check = await lookUp(ec2, region, key, run.signal);
  if ('arn' in check) return true;
  const {message} = check.unknown;
  run.progress.warn(`${message}, so the first replica has to show whether the KMS key ${key} can be used`);
  return false;
}

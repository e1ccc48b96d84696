/** Whether EBS can encrypt with a KMS key in a region. */
import type {KeyMetadata} from '@aws-sdk/client-kms';
import {type FtaskError, RefusedError} from '../errors.ts';
import type {Ec2} from './client.ts';
import {Ec2Error, NotPermittedError} from './errors.ts';
import type {Region} from './ids.ts';

/** `unknown` where we may not look, which says nothing of what EBS may. */
export type KeyCheck = {readonly arn: string} | {readonly unknown: NotPermittedError};

/**
 * Looks a key up by its id, ARN or alias. CopySnapshot takes any key and ends in error later, so this comes first.
 * @throws RefusedError `UnusableKey` when it is not there, of another region, not enabled or not symmetric; Ec2Error
 */
export async function checkKey(
  ec2: Ec2,
  region: Region,
  name: string,
  signal?: AbortSignal,
): Promise<KeyCheck> {
  try {
    const {KeyMetadata: key} = await ec2.call(region, 'DescribeKey', {KeyId: name}, signal);
    const flaw = flawOf(key);
    if (flaw !== undefined) throw unusable(name, region, flaw);
    return {arn: key?.Arn ?? name};
  } catch (error) {
    if (error instanceof NotPermittedError) return {unknown: error};
    if (error instanceof Ec2Error && /^(NotFound|InvalidArn|Validation)Exception$/.test(error.code)) {
      throw unusable(name, region, whyNotFound(name, region), error);
    }
    throw error;
  }
}

/** https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html */
function flawOf({KeyState, KeySpec, KeyUsage}: Partial<KeyMetadata> = {}): string | undefined {
  if (KeyState !== 'Enabled') return `is ${KeyState}`;
  if (KeySpec === 'SYMMETRIC_DEFAULT' && KeyUsage === 'ENCRYPT_DECRYPT') return undefined;
  return `is of the kind ${KeySpec}: EBS encrypts with symmetric keys only`;
}

function whyNotFound(name: string, region: Region): string {
  const other = /^arn:[^:]*:kms:([^:]+):/.exec(name)?.[1];
  return other === undefined || other === region ? 'does not exist' : `is one of ${other}`;
}

function unusable(name: string, region: Region, flaw: string, cause?: FtaskError): RefusedError {
  return new RefusedError('UnusableKey', `${region}: the KMS key ${name} ${flaw}`, {
    hint: `Name an enabled symmetric key of ${region} by its id, ARN or alias (\`aws kms list-aliases --region ${region}\`).`,
    cause,
  });
}

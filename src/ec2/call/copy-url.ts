/** The presigned URL by which EC2 reads an encrypted snapshot in another region. */
import type {CopySnapshotCommandInput, EC2} from '@aws-sdk/client-ec2';

type CopyInput = CopySnapshotCommandInput;

/**
 * Has the SDK presign what EC2 asks for and no more: of a request with tags it would write `[object Object]` into the URL,
 * and an improper one lets the copy fail later.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CopySnapshot.html
 */
export function presignCopies(client: EC2): void {
  client.middlewareStack.add(
    (next, {commandName}) =>
      async (args) => {
        const input = args.input as CopyInput;
        if (commandName !== 'CopySnapshotCommand' || input.TagSpecifications === undefined) return next(args);
        return next({...args, input: {...input, PresignedUrl: await urlOf(client, input)}});
      },
    {step: 'initialize', name: 'ftaskPresignCopies'},
  );
}

/** Of a command that gets as far as its URL, and is never sent. */
async function urlOf(client: EC2, {SourceRegion, SourceSnapshotId}: CopyInput): Promise<string | undefined> {
  const {CopySnapshotCommand} = await import('@aws-sdk/client-ec2');
  const command = new CopySnapshotCommand({SourceRegion, SourceSnapshotId});
  let url: string | undefined;
  command.middlewareStack.add(
    () => async (args) => {
      url = (args.input as CopyInput).PresignedUrl;
      return {response: {}, output: {$metadata: {}}};
    },
    {step: 'build', name: 'ftaskKeepUrl'},
  );
  await client.send(command);
  return url;
}

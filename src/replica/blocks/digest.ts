/** What a device holds, as one number: read from the disk itself, past what the host remembers of it. */
import {asRoot} from '../../disk/as-root.ts';
import {FtaskError} from '../../errors.ts';
import {sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import {NO_LIMIT} from '../trees/no-limit.ts';

export interface DigestRequest {
  /** Path of the node itself. */
  readonly device: string;
  /** How many from its start. */
  readonly bytes: number;
  /** Called about once a second with the bytes read so far. */
  readonly onProgress: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** sha256 of the first bytes of a device, in hexadecimal digits. @throws FtaskError `DeviceNotRead`, CommandFailed */
export async function digestOf(
  host: Host,
  {device, bytes, onProgress, signal}: DigestRequest,
): Promise<string> {
  // What the page cache has would prove nothing of the disk. A pipe has the exit code of its last command alone.
  const command = sh`blockdev --flushbufs ${device} || exit
exec 3>&1
{ dd if=${device} bs=4M count=${bytes} iflag=direct,fullblock,count_bytes status=progress; echo "code $?" >&3; } | sha256sum`;
  const {stdout, stderr} = await host.run(asRoot(command), {
    ...{reads: true, signal},
    shownAs: `sha256 of ${device}`,
    timeoutMs: NO_LIMIT,
    onLine: (line, from) => {
      const read = from === 'stderr' ? readSoFar(line) : undefined;
      if (read !== undefined) onProgress(read);
    },
  });
  const read = stderr
    .split('\n')
    .map(readSoFar)
    .findLast((one) => one !== undefined);
  const [, sha256] = /^([\da-f]{64}) {2}-$/m.exec(stdout) ?? [];
  if (/^code 0$/m.test(stdout) && read === bytes && sha256 !== undefined) return sha256;
  const why =
    stderr.split('\n').find((line) => line.startsWith('dd: ')) ?? `${read ?? 0} of ${bytes} bytes came`;
  throw new FtaskError('DeviceNotRead', `${host.name}: ${device} could not be read to its end: ${why}`);
}

/** From `1073741824 bytes (1.1 GB, 1.0 GiB) copied, 2 s, 537 MB/s`. */
function readSoFar(line: string): number | undefined {
  const [, bytes] = /^(\d+) bytes .*copied/.exec(line) ?? [];
  return bytes === undefined ? undefined : Number(bytes);
}

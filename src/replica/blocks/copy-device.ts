/** One device becomes equal to that of another host, block by block, without anybody opening it. */
import {bytesText} from '../../words.ts';
import type {CopyTools, End, Way} from '../trees/channel.ts';
import {openChannel} from '../trees/open-channel.ts';
import {blockSizeFor} from './block-size.ts';
import {checkDevices} from './check-devices.ts';
import type {DeviceOnHost} from './device-on-host.ts';
import {proveEqual} from './prove-equal.ts';

/**
 * `--ignore-times`: the times of two nodes say nothing. `--existing`: should the target vanish, no file takes its place.
 * `--max-alloc`: rsync bounds by itself what it takes for checksums of devices beyond 3 TiB.
 */
const ARGS = [
  ...['--copy-devices', '--write-devices', '--inplace', '--no-whole-file'],
  ...['--ignore-times', '--existing', '--max-alloc=0'],
];

export type DeviceEnd = End & DeviceOnHost;

export interface DeviceCopy {
  readonly source: DeviceEnd;
  /** At least as large; what it has beyond the size of the source stays as it is. */
  readonly target: DeviceEnd;
  readonly way: Way;
  /** The target was made for this copy: it is overwritten whatever it holds, and the source need not be LUKS. */
  readonly isOurs: boolean;
  /** What it is doing now, in words. */
  readonly say: (text: string) => void;
}

export interface CopiedDevice {
  /** Of the source; proved equal on both. */
  readonly bytes: number;
  /** On the wire, both ways. */
  readonly sentBytes: number;
  readonly sha256: string;
  readonly seconds: number;
}

/**
 * Makes the target equal to the source, and proves it by reading both disks anew. Only blocks that differ are sent, so
 * that it may be called again after any failure.
 * @throws RefusedError before anything was written, NoBlockDevice; FtaskError `DevicesDiffer` and what the channel
 * throws: the target is no copy then
 */
export async function copyDevice(tools: CopyTools, copy: DeviceCopy): Promise<CopiedDevice> {
  const {source, target, way, isOurs, say} = copy;
  const startedAt = performance.now();
  const devices = await checkDevices(source, target, {isOurs});
  const {bytes, from, to} = devices;
  const blockSize = blockSizeFor(devices.largestBytes);
  say(`comparing ${bytesText(bytes)} in blocks of ${bytesText(blockSize)}`);
  const {stats} = await openChannel(tools, way).run(source, target, {
    args: [...ARGS, `--block-size=${blockSize}`],
    ...{from, to, accept: [0]},
    onProgress: (done) => say(`copied ${bytesText(done)} of ${bytesText(bytes)}`),
  });
  say('reading both devices again');
  const sha256 = await proveEqual(
    {host: source.host, device: from},
    {host: target.host, device: to},
    {bytes, onProgress: (done) => say(`proved ${bytesText(done)} of ${bytesText(bytes)}`)},
  );
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  return {bytes, sentBytes: stats.sentBytes + stats.receivedBytes, sha256, seconds};
}

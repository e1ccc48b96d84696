/** The EBS direct APIs of snapshots that a test makes up block by block, over real HTTP. */
import {createHash} from 'node:crypto';
import {createServer, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {scaledClock} from '../../../src/clock.ts';
import {RateLimits} from '../../../src/ec2/call/limits.ts';
import {type Ec2, openEc2} from '../../../src/ec2/client.ts';

/** Of each snapshot the blocks that it has. */
export type Snapshots = Readonly<Record<string, ReadonlyMap<number, Buffer>>>;

export interface BlockServer {
  readonly ec2: Ec2;
  /** What is served from now on, in pages of so many blocks. */
  serve(snapshots: Snapshots, pageSize?: number): void;
  /** The blocks read since, as `snapshot index`. */
  readonly reads: readonly string[];
  close(): void;
}

/** Starts it. */
export async function blockServer(): Promise<BlockServer> {
  let snapshots: Snapshots = {};
  let pageSize = 1000;
  const reads: string[] = [];
  const server = createServer((request, response) => {
    const {pathname, searchParams} = new URL(request.url ?? '', 'http://blocks');
    const [, , id = '', , index] = pathname.split('/');
    const blocks = snapshots[id] ?? new Map<number, Buffer>();
    if (index === undefined) return list(response, blocks, Number(searchParams.get('pageToken')), pageSize);
    reads.push(`${id} ${index}`);
    get(response, blocks.get(Number(index)) ?? Buffer.alloc(0));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const clock = scaledClock(1000);
  const ec2 = openEc2({
    endpointUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: {accessKeyId: 'TEST', secretAccessKey: 'test'},
    concurrency: 10,
    clock,
    limits: new RateLimits(clock),
    onThrottled: () => {},
  });
  return {
    ec2,
    reads,
    serve: (next, size = 1000) => {
      [snapshots, pageSize] = [next, size];
      reads.length = 0;
    },
    close: () => {
      ec2.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Each page is followed by an empty one. */
function list(
  response: ServerResponse,
  blocks: ReadonlyMap<number, Buffer>,
  page: number,
  size: number,
): void {
  const all = [...blocks.keys()].sort((a, b) => a - b);
  const start = (page >> 1) * size;
  const isEmpty = page % 2 === 1;
  const shown = isEmpty ? [] : all.slice(start, start + size);
  const body = {
    Blocks: shown.map((BlockIndex) => ({BlockIndex, BlockToken: `token-${BlockIndex}`})),
    BlockSize: 64,
    VolumeSize: 1,
    ...(start + size < all.length && {NextToken: String(page + 1)}),
  };
  response.writeHead(200, {'content-type': 'application/json'});
  response.end(JSON.stringify(body));
}

function get(response: ServerResponse, block: Buffer): void {
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'x-amz-data-length': block.length,
    'x-amz-checksum': createHash('sha256').update(block).digest('base64'),
    'x-amz-checksum-algorithm': 'SHA256',
  });
  response.end(block);
}

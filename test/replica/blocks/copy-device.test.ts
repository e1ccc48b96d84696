/** Whole devices become equal to others, and are called copies only when they are. On real block devices. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {readlinkSync, symlinkSync, writeFileSync} from 'node:fs';
import {open} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {FtaskError} from '../../../src/errors.ts';
import {type CopiedDevice, copyDevice} from '../../../src/replica/blocks/copy-device.ts';
import {makeKeyPair} from '../../../src/ssh/temporary/key-pair.ts';
import {folder, localHost, loopDevice, noDevices, run} from '../../disk/devices.ts';
import {failureOf} from '../../host/failure-of.ts';
import {bareContext} from '../../runner/run-context.ts';
import {BLOCK, digestOnDisk, filledDevice, MIB, resize, sizeOf, writeBlocks} from './devices.ts';

const host = localHost();
const tools = {run: bareContext(), keyPair: makeKeyPair};
const copy = (from: string, to: string, say = (_: string): void => {}): Promise<CopiedDevice> =>
  copyDevice(tools, {
    source: {host, device: from},
    target: {host, device: to},
    ...{way: 'through-controller', isOurs: true, say},
  });
const assertEqual = async (from: string, to: string): Promise<void> => {
  const bytes = await sizeOf(from);
  assert.equal(await digestOnDisk(to, bytes), await digestOnDisk(from, bytes));
};

describe('copyDevice', {skip: noDevices}, () => {
  const pair = async (mib: number): Promise<[from: string, to: string]> => {
    const [from, to] = [await filledDevice(mib), await loopDevice(mib)];
    await copy(from, to);
    return [from, to];
  };

  test('fills an empty device, and tells the digest that both have', async () => {
    const [from, to] = [await filledDevice(16), await loopDevice(16)];
    const copied = await copy(from, to);
    await assertEqual(from, to);
    assert.equal(copied.sha256, await digestOnDisk(to));
    assert.equal(copied.bytes, 16 * MIB);
    assert.ok(copied.sentBytes > 16 * MIB);
  });

  test('sends nothing but checksums when nothing differs', async () => {
    const [from, to] = await pair(16);
    const {sentBytes} = await copy(from, to);
    assert.ok(sentBytes < 0.01 * 16 * MIB, `${sentBytes} bytes`);
  });

  for (const [how, blocks] of [
    ['scattered', (index: number) => index * 97],
    ['in a run', (index: number) => 1000 + index],
  ] as const) {
    test(`sends at most 5 % when 1 % of the blocks differ, ${how}`, async () => {
      const [from, to] = await pair(16);
      const changed = Array.from({length: (0.01 * 16 * MIB) / BLOCK}, (_, index) => blocks(index));
      await writeBlocks(from, changed);
      const {sentBytes} = await copy(from, to);
      await assertEqual(from, to);
      assert.ok(sentBytes < 0.05 * 16 * MIB, `${sentBytes} bytes`);
    });
  }

  test('takes over a device of which every block differs', async () => {
    const [from, to] = [await filledDevice(16), await filledDevice(16)];
    await copy(from, to);
    await assertEqual(from, to);
  });

  test('takes over blocks that moved, whichever way', async () => {
    const [from, to] = await pair(8);
    await run('dd', `if=${to}`, `of=${from}`, 'bs=64k', 'skip=1', 'count=40', 'conv=notrunc', 'status=none');
    await run('dd', `if=${to}`, `of=${from}`, 'bs=64k', 'seek=60', 'count=40', 'conv=notrunc', 'status=none');
    await run('blockdev', '--flushbufs', from);
    await copy(from, to);
    await assertEqual(from, to);
  });

  test('brings zeros, too', async () => {
    const [from, to] = [await loopDevice(16), await filledDevice(16)];
    await copy(from, to);
    await assertEqual(from, to);
  });

  test('leaves what a larger target has beyond', async () => {
    const [from, to] = [await filledDevice(8), await filledDevice(12)];
    const beyond = async () =>
      await run('sh', '-c', 'tail -c "$2" "$1" | sha256sum', 'sh', to, String(4 * MIB));
    const before = await beyond();
    await copy(from, to);
    await assertEqual(from, to);
    assert.equal(await beyond(), before);
  });

  test('brings the tail of a source that has grown', async () => {
    const [from, to] = await pair(8);
    for (const device of [from, to]) await resize(device, 12);
    await writeBlocks(from, [2100, 3071]);
    const {bytes} = await copy(from, to);
    assert.equal(bytes, 12 * MIB);
    await assertEqual(from, to);
  });

  test('copies to the last sector, whatever the size', async () => {
    for (const sectors of [1, 7, 8193, 20_001]) {
      const mib = (sectors * 512) / MIB;
      const [from, to] = [await filledDevice(mib), await filledDevice(mib + 1 / 2048)];
      const {bytes} = await copy(from, to);
      assert.equal(bytes, sectors * 512);
      await assertEqual(from, to);
    }
  });

  test('finds devices by links, and leaves those as they are', async () => {
    const [from, to] = [await filledDevice(2), await loopDevice(2)];
    const links = await folder();
    const linkTo = (device: string): string => {
      const link = join(links, basename(device));
      symlinkSync(device, link);
      return link;
    };
    await copy(linkTo(from), linkTo(to));
    assert.equal(readlinkSync(join(links, basename(to))), to);
    await assertEqual(from, to);
  });

  test('makes them equal wherever they differ', async () => {
    const [from, to] = await pair(2);
    const write = fc.record({
      isSource: fc.boolean(),
      at: fc.nat(2 * MIB - 1),
      content: fc.uint8Array({minLength: 1, maxLength: 50_000}),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(write, {maxLength: 8}), async (writes) => {
        for (const {isSource, at, content} of writes) {
          const file = await open(isSource ? from : to, 'r+');
          await file.write(content, 0, Math.min(content.length, 2 * MIB - at), at);
          await file.close();
        }
        await copy(from, to);
        await assertEqual(from, to);
      }),
      {numRuns: 20},
    );
  });

  test('says how far it is', async () => {
    const [from, to] = [await filledDevice(8), await loopDevice(8)];
    const said: string[] = [];
    await copy(from, to, (text) => said.push(text));
    assert.equal(said[0], 'comparing 8 MiB in blocks of 4 KiB');
    assert.equal(said.at(-1), 'proved 8 MiB of 8 MiB');
  });
});

describe('what is no copy', {skip: noDevices}, () => {
  /** Copies, and does this at the moment when it says so. */
  const failing = async (from: string, to: string, moment: string, work: () => void): Promise<FtaskError> => {
    const say = (text: string): void => {
      if (text.startsWith(moment)) work();
    };
    const error = await failureOf(copy(from, to, say));
    assert.ok(error instanceof FtaskError, String(error));
    return error;
  };

  test('is told when somebody wrote to the source while it was copied', async () => {
    const [from, to] = [await filledDevice(8), await loopDevice(8)];
    const error = await failing(from, to, 'reading', () =>
      writeFileSync(from, randomBytes(10), {flag: 'r+'}),
    );
    assert.equal(error.code, 'DevicesDiffer');
    const digests = await Promise.all([from, to].map((device) => digestOnDisk(device)));
    assert.equal(
      error.message,
      `localhost: ${from} and localhost: ${to} differ after the copy: sha256 ${digests.join(' and ')}`,
    );
  });

  test('is told when the target becomes too small under it', async () => {
    const [from, to] = [await filledDevice(8), await loopDevice(8)];
    const error = await failing(from, to, 'comparing', () => resizeNow(to, 4));
    assert.match(error.message, /No space left on device/);
  });

  test('is told when the source becomes smaller before it is proved', async () => {
    const [from, to] = [await filledDevice(8), await loopDevice(8)];
    const error = await failing(from, to, 'reading', () => resizeNow(from, 4));
    assert.equal(error.code, 'DeviceNotRead');
    assert.match(error.message, /could not be read to its end: 4194304 of 8388608 bytes came$/);
  });

  for (const side of ['source', 'target'] as const) {
    test(`is told when rsync is killed on the ${side}, and becomes one the next time`, async () => {
      const [from, to] = [await filledDevice(64), await loopDevice(64)];
      const pattern = side === 'source' ? `^rsync --copy-devices .* ${from} ` : `^rsync --server .* ${to}$`;
      let killing: Promise<void> | undefined;
      await failing(from, to, 'comparing', () => {
        killing = killAsSoonAsItRuns(pattern);
      });
      await killing;
      await copy(from, to);
      await assertEqual(from, to);
    });
  }
});

function resizeNow(device: string, mib: number): void {
  const file = execFileSync('losetup', ['-nO', 'BACK-FILE', device], {encoding: 'utf8'}).trim();
  execFileSync('truncate', ['--size', `${mib}M`, file]);
  execFileSync('losetup', ['--set-capacity', device]);
}

async function killAsSoonAsItRuns(pattern: string): Promise<void> {
  for (;;) {
    const found = await run('pgrep', '-f', pattern).catch(() => '');
    if (found === '') continue;
    await run('kill', '-9', ...found.split('\n')).catch(() => {});
    return;
  }
}

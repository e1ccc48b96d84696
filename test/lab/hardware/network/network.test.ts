/** The lab's network, with real packets between real namespaces. */
import assert from 'node:assert/strict';
import {execFile, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {describe, test} from 'node:test';
import {promisify} from 'node:util';
import {type Network, openNetwork} from '../../../../src/lab/hardware/network/network.ts';
import type {RegionLink} from '../../../../src/lab/hardware/network/region-links.ts';
import {atEnd} from '../../../ssh/at-end.ts';
import {noHardware} from '../lab-up.ts';

const run = promisify(execFile);

/** Answers each connection with as many bytes as it is asked for. */
const SERVER = `
require('node:net').createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', (asked) => socket.end(Buffer.alloc(Number(asked))));
}).listen(7000, '0.0.0.0', () => console.log('ready'));
`;

/** Says how many milliseconds it takes to connect, then to get so many bytes. */
const CLIENT = `
const [host, bytes] = process.argv.slice(1);
const start = performance.now();
const socket = require('node:net').connect(7000, host, () => {
  const connected = performance.now();
  let got = 0;
  socket.on('data', (data) => { got += data.length; });
  socket.on('end', () => {
    const transferMs = performance.now() - connected;
    console.log(JSON.stringify({connectMs: connected - start, transferMs, got}));
  });
  socket.write(bytes);
});
`;

interface Measured {
  readonly connectMs: number;
  readonly transferMs: number;
  readonly got: number;
}

interface NetworkHost {
  readonly address: string;
  get(from: NetworkHost, bytes: number): Promise<Measured>;
}

describe('the network of a lab', {skip: noHardware}, () => {
  test('joins hosts with this machine and with each other', async () => {
    const network = await opened();
    const one = await host(network, 'eu-west-1');
    const other = await host(network, 'us-east-1');
    assert.equal((await one.get(other, 1000)).got, 1000);
    const {stdout} = await run(process.execPath, ['-e', CLIENT, one.address, '1000']);
    assert.equal((JSON.parse(stdout) as Measured).got, 1000);
  });

  test('makes linked regions as far from each other as the link says, and no others', async () => {
    const delayMs = 300;
    const network = await opened({between: ['eu-west-1', 'us-east-1'], delayMs});
    const [eu, neighbour, us, asia] = await Promise.all(
      ['eu-west-1', 'eu-west-1', 'us-east-1', 'ap-south-1'].map((region) => host(network, region)),
    );
    assert.ok(eu && neighbour && us && asia);
    assert.ok((await eu.get(us, 10)).connectMs >= 2 * delayMs);
    assert.ok((await us.get(eu, 10)).connectMs >= 2 * delayMs);
    assert.ok((await fastest(eu, neighbour)) < 2 * delayMs);
    assert.ok((await fastest(us, asia)) < 2 * delayMs);
  });

  test('lets no more through a link than its bandwidth, each way', async () => {
    const bitsPerSecond = 8e6;
    const bytes = 500_000;
    const network = await opened({between: ['eu-west-1', 'us-east-1'], delayMs: 1, bitsPerSecond});
    const [eu, us] = [await host(network, 'eu-west-1'), await host(network, 'us-east-1')];
    const both = await Promise.all([eu.get(us, bytes), us.get(eu, bytes)]);
    for (const {got, transferMs} of both) {
      assert.equal(got, bytes);
      assert.ok(transferMs >= ((bytes * 8) / bitsPerSecond) * 1000, `${transferMs} ms`);
    }
  });

  test('is another one than that of a lab that starts at the same moment', async () => {
    const networks = await Promise.all([opened(), opened(), opened()]);
    assert.equal(new Set(networks.map(({gateway}) => gateway)).size, 3);
  });

  test('has no way to a host that has left, and takes another with its address', async () => {
    const network = await opened({between: ['eu-west-1', 'us-east-1'], delayMs: 1});
    const eu = await host(network, 'eu-west-1');
    const us = await host(network, 'us-east-1');
    await network.leave(us.address);
    await network.leave(us.address);
    await assert.rejects(eu.get(us, 1), /EHOSTUNREACH|ENETUNREACH/);
    const again = await host(network, 'us-east-1', us.address);
    assert.equal((await eu.get(again, 1)).got, 1);
  });

  test('gives each address once until it is left, and none that no host may have', async () => {
    const network = await opened();
    const prefix = network.gateway.replace(/1$/, '');
    const all = Array.from({length: 251}, () => network.nextAddress());
    assert.deepEqual(
      all,
      all.map((_, index) => `${prefix}${index + 4}`),
    );
    assert.throws(() => network.nextAddress(), /all addresses of the lab are in use/);
    await network.leave(`${prefix}9`);
    assert.equal(network.nextAddress(), `${prefix}9`);
  });

  test('is gone when it is closed', async () => {
    const network = await openNetwork([{between: ['eu-west-1', 'us-east-1'], delayMs: 1}]);
    assert.ok(addresses().includes(` ${network.gateway}/32 `));
    await network.close();
    assert.ok(!addresses().includes(` ${network.gateway}/32 `));
  });
});

async function opened(...links: readonly RegionLink[]): Promise<Network> {
  const network = await openNetwork(links);
  atEnd(() => network.close());
  return network;
}

/** A namespace with a server in it. */
async function host(network: Network, region: string, at?: string): Promise<NetworkHost> {
  const child = spawn('unshare', ['--net', process.execPath, '-e', SERVER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  atEnd(async () => {
    child.kill('SIGKILL');
  });
  await once(child.stdout, 'data');
  const address = at ?? network.nextAddress();
  await network.join(address, region, child.pid ?? 0);
  return {
    address,
    get: async (from, bytes) => {
      const inside = [`--net=/proc/${child.pid}/ns/net`, process.execPath, '-e', CLIENT];
      const {stdout} = await run('nsenter', [...inside, from.address, String(bytes)]);
      return JSON.parse(stdout);
    },
  };
}

/** Of several connections: a busy machine may keep one or the other waiting. */
async function fastest(to: NetworkHost, from: NetworkHost): Promise<number> {
  const all = await Promise.all([1, 2, 3, 4].map(() => to.get(from, 10)));
  return Math.min(...all.map(({connectMs}) => connectMs));
}

function addresses(): string {
  return execFileSync('ip', ['-o', 'address'], {encoding: 'utf8'});
}

import assert from 'node:assert/strict';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {describe, type TestContext, test} from 'node:test';
import type {Ec2} from '../../../src/ec2/client.ts';
import {ownAddress} from '../../../src/ec2/scratch/own-address.ts';
import {scratchLab} from './lab.ts';

const {signal} = new AbortController();

/** An endpoint that answers this to everything. */
async function endpoint(t: TestContext, text: string): Promise<Ec2> {
  const server = createServer(
    (request, response) => void request.resume().on('end', () => response.end(text)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return {endpointUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`} as Ec2;
}

describe('the address of this machine', () => {
  test('is its end of the network of a lab', async (t) => {
    assert.equal(await ownAddress(await endpoint(t, '{"gateway": "198.18.7.1"}'), signal), '198.18.7.1/32');
    assert.equal(await ownAddress(await endpoint(t, '{"gateway": "fd00::1"}'), signal), 'fd00::1/128');
  });

  test('is that of loopback for a lab without a network', async (t) => {
    assert.equal(await ownAddress((await scratchLab(t)).ec2, signal), '127.0.0.1/32');
  });

  for (const [title, text] of [
    ['no JSON', '<html>'],
    ['no address', '{"gateway": "0.0.0.0/0"}'],
  ] as const) {
    test(`is not known when an endpoint gives ${title}, and it is said what to do`, async (t) => {
      await assert.rejects(ownAddress(await endpoint(t, text), signal), (error) => {
        assert.ok(error instanceof Error && 'hint' in error);
        assert.match(error.message, /^the address of this machine is not known: /);
        assert.match(String(error.hint), /temporary\.ssh_from/);
        return true;
      });
    });
  }
});

/** Which way packets take between regions. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {regionRouting} from '../../../../src/lab/hardware/network/region-links.ts';

const routing = regionRouting([
  {between: ['eu-west-1', 'us-east-1'], delayMs: 40, bitsPerSecond: 1e8},
  {between: ['eu-west-1', 'ap-south-1'], delayMs: 70},
]);

describe('the routing between regions', () => {
  test('has a lane for each way of each link', () => {
    assert.deepEqual(
      routing.lanes.map(({device, delayMs, bitsPerSecond}) => [device, delayMs, bitsPerSecond]),
      [
        ['there0', 40, 1e8],
        ['back0', 40, 1e8],
        ['there1', 70, undefined],
        ['back1', 70, undefined],
      ],
    );
  });

  test('sends what comes from a host by the table of its region, and what goes to it over the lanes of all others', () => {
    assert.deepEqual(routing.join({address: '198.18.0.4', region: 'eu-west-1', device: 'host4'}), [
      'rule add iif host4 lookup 1000',
      'route add 198.18.0.4 dev back0 table 1001',
      'route add 198.18.0.4 dev back1 table 1002',
    ]);
  });

  test('takes away what it has made', () => {
    const host = {address: '198.18.0.5', region: 'us-east-1', device: 'host5'};
    assert.deepEqual(
      routing.leave(host),
      routing.join(host).map((line) => line.replace(' add ', ' delete ')),
    );
  });

  test('leaves a region without links alone', () => {
    assert.deepEqual(routing.join({address: '198.18.0.6', region: 'sa-east-1', device: 'host6'}), []);
  });
});

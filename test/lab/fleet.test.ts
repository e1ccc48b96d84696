/** The lab file. */
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {loadFleet, parseFleet} from '../../src/lab/fleet/parse.ts';
import {packageRoot} from '../../src/package.ts';

describe('the lab file', () => {
  test('that is packaged has six enabled regions and some 25 instances', () => {
    const {fleet} = loadFleet(join(packageRoot(), 'config', 'lab.yaml'));
    const regions = Object.values(fleet.regions);
    assert.equal(regions.filter((region) => region.opted_in).length, 6);
    assert.ok(regions.flatMap(({instances}) => Object.keys(instances)).length >= 24);
  });

  test('is refused with file, line and key of every mistake', () => {
    const text = [
      'clock: {speed: fast}',
      'regions:',
      '  eu-west-1:',
      '    instances:',
      '      web: {state: asleep}',
      '      db:',
      '        volumes:',
      '          /dev/sdf: {size: big}',
      '          sdg: 8',
      '  nowhere: {}',
      'colour: red',
    ].join('\n');
    assert.throws(
      () => parseFleet(text, 'my.yaml'),
      ({message}: Error) => {
        assert.match(message, /^my\.yaml:1: clock\.speed: /m);
        assert.match(message, /^my\.yaml:5: regions\.eu-west-1\.instances\.web\.state: /m);
        assert.match(message, /^my\.yaml:8: regions\.eu-west-1\.instances\.db\.volumes\.\/dev\/sdf\.size: /m);
        assert.match(
          message,
          /^my\.yaml:9: regions\.eu-west-1\.\S+\.sdg: must be a device such as \/dev\/xvda$/m,
        );
        assert.match(message, /^my\.yaml:10: regions\.nowhere: is not the name of a region$/m);
        assert.match(message, /colour/);
        return true;
      },
    );
  });

  test('is refused when it is no YAML or names what does not exist', () => {
    assert.throws(() => parseFleet('a: [', 'my.yaml'), /^UsageError: my\.yaml:1: [^\n]*\]$/);
    const zone = 'regions: {eu-west-1: {instances: {web: {zone: z}}}}';
    assert.throws(() => parseFleet(zone, 'my.yaml'), /instances\.web\.zone: eu-west-1 has no zone z/);
    const shared = 'regions: {eu-west-1: {instances: {web: {volumes: {/dev/sdf: {shared: x}}}}}}';
    assert.throws(() => parseFleet(shared, 'my.yaml'), /no volume x/);
    const link = 'links: [{between: [us-east-1, eu-west-9]}]';
    assert.throws(() => parseFleet(link, 'my.yaml'), /links\.0\.between: no region eu-west-9/);
    const small =
      'regions: {eu-west-1: {instances: {web: {volumes: {/dev/sdf: {size: 18, filesystem: xfs}}}}}}';
    assert.throws(() => parseFleet(small, 'my.yaml'), /xfs needs 300 MiB, which is 19 GiB/);
  });

  test('says how far regions are from each other', () => {
    const {fleet} = parseFleet(
      'regions: {eu-west-1: {}}\nlinks: [{between: [us-east-1, eu-west-1], delay: 40ms, bandwidth: 1.5Mbit}]',
      'my.yaml',
    );
    assert.deepEqual(fleet.links, [
      {between: ['us-east-1', 'eu-west-1'], delayMs: 40, bitsPerSecond: 1_500_000},
    ]);
    assert.throws(
      () => parseFleet('links: [{between: [a, b], delay: soon, bandwidth: 5}]', 'my.yaml'),
      /delay/,
    );
  });
});

/** What changes mean for disks and machines. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {fleetFrom} from '../../../src/lab/fleet/parse.ts';
import {effectsOf, plugsAfter} from '../../../src/lab/hardware/effects.ts';
import {Changes} from '../../../src/lab/state/changes.ts';
import type {Instance, Volume} from '../../../src/lab/state/entities.ts';
import {World} from '../../../src/lab/world.ts';
import {FLEET} from '../lab-client.ts';

const {store} = new World(fleetFrom(FLEET));
const [web, bare] = [...store.all('instance', 'eu-west-1')] as [Instance, Instance];
const [root, data] = [...store.all('volume', 'eu-west-1')] as [Volume, Volume];

function effects(change: (changes: Changes) => void) {
  const changes = new Changes();
  change(changes);
  return {changes, ...effectsOf(changes, store)};
}

function withState({attachments, ...volume}: Volume, state: 'attached' | 'detached'): Volume {
  return {
    ...volume,
    attachments: attachments.map((attachment) => ({
      ...attachment,
      state: {before: 'detaching', at: 0, after: state},
    })),
  };
}

describe('the effects of changes', () => {
  test('are none when only tags change, but the instance is told to have changed', () => {
    const {hasInstances, ...rest} = effects((changes) => {
      changes.put('instance', {...web, tags: {Name: 'other'}});
      changes.put('volume', {...data, tags: {}});
    });
    assert.equal(hasInstances, true);
    const {changes: _, ...lists} = rest;
    for (const [name, list] of Object.entries(lists)) assert.deepEqual(list, [], name);
  });

  test('take a disk out of an instance that goes on, not of one that stops as well', () => {
    const alone = effects((changes) => changes.put('volume', withState(data, 'detached')));
    assert.deepEqual(
      alone.detached.map(({volume}) => volume.id),
      [data.id],
    );
    const stopping = effects((changes) => {
      changes.put('volume', withState(data, 'detached'));
      changes.put('instance', {...web, state: {before: 'shutting-down', at: 1, after: 'terminated'}});
    });
    assert.deepEqual(stopping.detached, []);
    assert.deepEqual(
      stopping.stops.map(({id}) => id),
      [web.id],
    );
  });

  test('count the last change of an entity', () => {
    const {goneVolumes, detached} = effects((changes) => {
      changes.put('volume', withState(data, 'detached'));
      changes.delete('volume', data);
    });
    assert.deepEqual(
      goneVolumes.map(({id}) => id),
      [data.id],
    );
    assert.deepEqual(detached, []);
  });

  test('start and stop by where a state leads, and reboot by its mark', () => {
    const {starts, stops, reboots} = effects((changes) => {
      changes.put('instance', {...web, state: {before: 'stopping', at: 1, after: 'stopped'}});
      changes.put('instance', {...bare, rebootedAt: 1});
    });
    assert.deepEqual(starts, []);
    assert.deepEqual(
      stops.map(({id}) => id),
      [web.id],
    );
    assert.deepEqual(
      reboots.map(({id}) => id),
      [bare.id],
    );
  });

  test('give an instance the disks that it will have, its root first', () => {
    const ids = (change: (changes: Changes) => void) => {
      const {changes} = effects(change);
      return plugsAfter({...web, rootDevice: '/dev/xvda'}, changes, store).map(({volume}) => volume.id);
    };
    assert.deepEqual(
      ids(() => {}),
      [root.id, data.id],
    );
    assert.deepEqual(
      ids((changes) => changes.delete('volume', data)),
      [root.id],
    );
    assert.deepEqual(
      ids((changes) => changes.put('volume', withState(root, 'detached'))),
      [data.id],
    );
  });
});

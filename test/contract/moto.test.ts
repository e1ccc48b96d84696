/** moto keeps the contract, but for the deviations that are listed. */
import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';
import {scaledClock} from '../../src/clock.ts';
import {whyMissing} from '../venv.ts';
import {cases} from './cases.ts';
import {endpointAt} from './endpoint.ts';
import {type Moto, startMoto} from './moto.ts';
import {MOTO_DEVIATIONS} from './moto-deviations.ts';
import type {Endpoint} from './steps.ts';

const skip = await whyMissing('moto');

describe('moto', {skip: skip ?? false}, () => {
  let moto: Moto;
  let endpoint: Endpoint;

  before(async () => {
    moto = await startMoto();
    // Its snapshots are complete at once, so there is nothing to wait for.
    endpoint = endpointAt(moto.url, scaledClock(1000));
  });
  after(() => moto.stop());

  for (const {title, run} of cases) {
    const deviation = MOTO_DEVIATIONS[title];
    if (deviation === undefined) {
      test(title, () => run(endpoint));
    } else {
      test(`does not do this yet: ${title}`, async () => {
        await assert.rejects(run(endpoint), () => true, `moto mended: ${deviation}`);
      });
    }
  }

  test('has no deviation listed that is no case', () => {
    const titles = new Set(cases.map(({title}) => title));
    assert.deepEqual(
      Object.keys(MOTO_DEVIATIONS).filter((title) => !titles.has(title)),
      [],
    );
  });
});

/** The lab keeps the contract as AWS does, without a deviation. */
import {after, before, describe, test} from 'node:test';
import {type Lab, startLab} from '../../src/lab/lab.ts';
import {cases} from './cases.ts';
import {endpointAt} from './endpoint.ts';
import type {Endpoint} from './steps.ts';

describe('the lab', () => {
  let lab: Lab;
  let endpoint: Endpoint;

  before(async () => {
    lab = await startLab({
      fleet: {
        clock: {speed: 200},
        regions: {'eu-west-1': {}, 'eu-central-1': {}, 'me-south-1': {opted_in: false}},
      },
    });
    endpoint = endpointAt(lab.url, lab.clock);
  });
  after(() => lab.close());

  for (const {title, run} of cases) test(title, () => run(endpoint));
});

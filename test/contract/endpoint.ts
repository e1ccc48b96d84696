/** An endpoint that answers at a URL, as the cases of the contract want it. */
import {EC2} from '@aws-sdk/client-ec2';
import type {Clock} from '../../src/clock.ts';
import type {Endpoint} from './steps.ts';

/** Clients have no retries, so that a case sees every answer. */
export function endpointAt(url: string, clock: Clock): Endpoint {
  const clients = new Map<string, EC2>();
  return {
    seconds: (count) => clock.sleep(count * 1000),
    client: (region) => {
      const client =
        clients.get(region) ??
        new EC2({
          region,
          endpoint: url,
          maxAttempts: 1,
          credentials: {accessKeyId: 'test', secretAccessKey: 'test'},
        });
      clients.set(region, client);
      return client;
    },
  };
}

/** Tags on what exists already. */
import type {Ec2} from './client.ts';
import {Ec2Error} from './errors.ts';
import type {Region} from './ids.ts';
import {type Tags, tagList} from './tags.ts';

/** What was made a moment ago may be unknown for a while. Source: "Eventual consistency in the Amazon EC2 API". */
const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

/** Sets tags on up to 1000 resources, all of them or none; other tags stay. May be called twice. @throws Ec2Error */
export async function tagResources(
  ec2: Ec2,
  region: Region,
  resources: readonly string[],
  tags: Tags,
): Promise<void> {
  for (const pauseMs of [...PAUSES_MS, undefined]) {
    try {
      await ec2.call(region, 'CreateTags', {Resources: [...resources], Tags: tagList(tags)});
      return;
    } catch (error) {
      if (pauseMs === undefined || !(error instanceof Ec2Error) || !/\.NotFound$/.test(error.code))
        throw error;
    }
    await ec2.clock.sleep(pauseMs);
  }
}

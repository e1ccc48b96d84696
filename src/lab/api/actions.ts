/** Every action that the lab knows, by its name. */
import {describeAvailabilityZones, describeRegions} from '../account/regions.ts';
import {describeInstances} from '../compute/describe-instances.ts';
import {createSnapshot, createSnapshots} from '../storage/create-snapshots.ts';
import {describeSnapshots} from '../storage/describe-snapshots.ts';
import {describeVolumes} from '../storage/describe-volumes.ts';
import type {Handler} from './call.ts';

/** The table of actions. Whoever looks one up has decoded the input by that action's own schema. */
export const ACTIONS: Readonly<Record<string, Handler<never, object>>> = {
  CreateSnapshot: createSnapshot,
  CreateSnapshots: createSnapshots,
  DescribeAvailabilityZones: describeAvailabilityZones,
  DescribeInstances: describeInstances,
  DescribeRegions: describeRegions,
  DescribeSnapshots: describeSnapshots,
  DescribeVolumes: describeVolumes,
};

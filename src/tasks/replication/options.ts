/** The options that the replication tasks share, and their result. */
import {z} from 'zod';
import type {ReplicatedSnapshot} from '../../replica/request.ts';
import {isPlanned} from '../../replica/rows.ts';
import {duration, flag} from '../../runner/option.ts';
import type {Columns, TaskOutput} from '../../runner/task.ts';

const REGION = /^[a-z][a-z0-9-]*$/;

/** One region by its name or the unique beginning of one. */
export function regionOption(text: string) {
  return z
    .string()
    .regex(REGION, "not a region's name, such as eu-west-1, or the beginning of one")
    .describe(text)
    .meta({placeholder: 'REGION', names: 'regions'});
}

/** How replicas are made. */
export const methodOptions = {
  method: z
    .enum(['copy', 'rsync'])
    .default('copy')
    .describe('copy: AWS copies the blocks. rsync: instances on both sides copy the files.'),
  rpo: duration(
    'Age that the data may have when its copy is complete: asks for time-based copies.',
  ).optional(),
  verify: z
    .string()
    .regex(/^(100|\d{1,2}(\.\d+)?)%?$/, 'expected a part such as 5%')
    .optional()
    .describe('Part of the blocks of each copy that is read and compared with its source; 0% for none.')
    .meta({placeholder: 'N%'}),
  throughController: z
    .boolean()
    .optional()
    .describe('With --method rsync: the instances do not talk to each other, all bytes pass through here.'),
};

/** Which snapshots count. */
export const tagOptions = {
  tagName: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe('Key of the tag of the snapshots; tag.name by default.'),
  tagValue: z.string().max(256).optional().describe('Its value; tag.value by default.'),
};

export const commonOptions = {
  dryRun: flag('Show what would be replicated; change nothing.'),
};

export const emptyOption = {
  allowEmpty: flag('Succeed even if no snapshot carries the tag.'),
};

/** A pipe gets the new replicas; in a dry run, where there are none, their sources. */
export const replicationOutput: TaskOutput<ReplicatedSnapshot> = {
  id: ({snapshotId, sourceSnapshot, state}) => {
    if (state === 'present') return '';
    return snapshotId ?? sourceSnapshot;
  },
  columns: (rows) => (rows.some(({state}) => isPlanned(state)) ? PLANNED : DONE),
};

const DONE: Columns<ReplicatedSnapshot> = [
  'snapshotId',
  'sizeGiB',
  'state',
  'seconds',
  'from',
  'to',
  'sourceSnapshot',
  'volumeId',
  'time',
  'note',
];
const PLANNED: Columns<ReplicatedSnapshot> = [
  'sourceSnapshot',
  'volumeId',
  'sizeGiB',
  'state',
  'waits',
  'from',
  'to',
  'snapshotId',
  'time',
  'note',
];

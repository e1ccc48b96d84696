/** The options that put and get have in common, and how they become a transfer. */
import {z} from 'zod';
import type {TransferRow} from '../fleet/transfer-on-hosts.ts';
import type {TransferOptions} from '../host/host.ts';
import {flag, switchOrText} from '../runner/option.ts';
import type {TaskOutput} from '../runner/task.ts';

/** A part of the options of both. */
export const transferOptions = {
  sudo: switchOrText('Work as root on the host, or as another user.', 'USER'),
  mode: z
    .string()
    .regex(/^[0-7]{3,4}$/, 'not permissions in octal, such as 0640')
    .optional()
    .describe('Permissions of the file; those of the source by default.'),
  parents: flag('Make the folders above it.'),
  replace: flag('A folder takes the place of one that is there.'),
};

/** How the rows of both are shown: `HOST:PATH` for a pipe. */
export const transferOutput: TaskOutput<TransferRow> = {
  id: ({host, path}) => `${host}:${path}`,
  columns: ['host', 'path', 'bytes', 'sha256', 'seconds'],
};

/** What `put` and `get` of a host take. */
export function transferOf({
  sudo,
  mode,
  parents,
  replace,
}: z.output<z.ZodObject<typeof transferOptions>>): TransferOptions {
  return {
    parents,
    replace,
    ...(sudo && {sudo}),
    ...(mode && {mode: Number.parseInt(mode, 8)}),
  };
}

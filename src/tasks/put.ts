/** `ftask put LOCAL REMOTE` */
import {stat} from 'node:fs/promises';
import {z} from 'zod';
import type {Context} from '../context/context.ts';
import {UsageError} from '../errors.ts';
import {transferOnHosts} from '../fleet/transfer-on-hosts.ts';
import {positional} from '../runner/option.ts';
import {defineTask} from '../runner/task.ts';
import {transferOf, transferOptions, transferOutput} from './transfer-options.ts';

export const put = defineTask({
  summary: 'Put a file or a folder on hosts.',
  description: `Complete or not at all: it is sent under another name, compared by checksum, given owner and mode, then
renamed. A REMOTE with a slash at its end is a folder that it goes into.`,
  section: 'Hosts',
  options: z.object({
    local: positional(z.string().min(1).describe('A file or folder of this machine.'), 'LOCAL'),
    remote: positional(z.string().min(1).describe('Where it goes on each host.'), 'REMOTE'),
    owner: z
      .string()
      .regex(/^(?=.)[^:\s-][^:\s]*(:[^:\s]+)?$|^:[^:\s]+$/, 'not USER, USER:GROUP or :GROUP')
      .optional()
      .describe('Whose it is then.')
      .meta({placeholder: 'USER:GROUP'}),
    ...transferOptions,
  }),
  output: transferOutput,
  run: async ({local, remote, owner, ...manner}, context: Context) => {
    await stat(local).catch((error: NodeJS.ErrnoException) => {
      throw new UsageError('NoSuchFile', `cannot read ${local} (${error.code})`);
    });
    const options = {...transferOf(manner), ...(owner && {owner})};
    return transferOnHosts(context, `put ${local}`, (host, onProgress) =>
      host.put(local, remote, {...options, onProgress}),
    );
  },
});

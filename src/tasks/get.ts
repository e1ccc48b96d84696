/** `ftask get REMOTE LOCAL` */
import {z} from 'zod';
import type {Context} from '../context/context.ts';
import {transferOnHosts} from '../fleet/transfer-on-hosts.ts';
import {positional} from '../runner/option.ts';
import {defineTask} from '../runner/task.ts';
import {transferOf, transferOptions, transferOutput} from './transfer-options.ts';

const HOST = '{host}';

export const get = defineTask({
  summary: 'Get a file or a folder from hosts.',
  description: `Complete or not at all. From one host it becomes LOCAL, or goes into it when that is a folder. From
several hosts each has a folder of its own, LOCAL/HOST, unless LOCAL says where {host} stands: logs/{host}.log`,
  section: 'Hosts',
  options: z.object({
    remote: positional(z.string().min(1).describe('A file or folder of each host.'), 'REMOTE'),
    local: positional(z.string().min(1).describe('Where it goes on this machine.'), 'LOCAL'),
    ...transferOptions,
  }),
  output: {...transferOutput, id: ({path}) => path},
  run: async ({remote, local, ...manner}, context: Context) => {
    const isShared = context.hosts.length > 1;
    const pattern = isShared && !local.includes(HOST) ? `${local.replace(/\/$/, '')}/${HOST}/` : local;
    const isOurs = pattern !== local || pattern.includes(HOST);
    const options = {...transferOf(manner), ...(isOurs && {parents: true})};
    return transferOnHosts(context, `get ${remote}`, (host, onProgress) =>
      host.get(remote, pattern.replaceAll(HOST, host.name), {...options, onProgress}),
    );
  },
});

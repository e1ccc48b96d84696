/** `ftask lab serve` */
import {z} from 'zod';
import type {Context} from '../context/context.ts';
import {openLab} from '../lab/lab.ts';
import {defineTask} from '../runner/task.ts';

export const lab_serve = defineTask({
  summary: 'Serve the lab for any EC2 client, until Ctrl-C.',
  description: `Says its address. ftask joins it with --lab=URL, or by itself in the same folder; other clients
take it as endpoint: aws --endpoint-url http://127.0.0.1:4566 ec2 describe-instances`,
  options: z.object({
    port: z
      .number()
      .int()
      .min(0)
      .max(65_535)
      .default(4566)
      .describe('Port on 127.0.0.1; 0 for any free one.'),
    file: z
      .string()
      .optional()
      .describe("The fleet's description; lab.file of the configuration.")
      .meta({placeholder: 'FILE'}),
  }),
  run: async ({port, file}, {labPlace, progress, signal}: Context) => {
    const lab = await openLab({...labPlace, ...(file && {file}), port, serving: true, signal});
    try {
      if (lab.notice !== undefined) progress.note(lab.notice);
      progress.note(`the lab is served at ${lab.url}; Ctrl-C ends it`);
      if (!signal.aborted) await new Promise((end) => signal.addEventListener('abort', end, {once: true}));
    } finally {
      await lab.close();
    }
  },
});

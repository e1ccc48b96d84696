/** `ftask lab serve` */
import {z} from 'zod';
import type {Context} from '../../context/context.ts';
import {FtaskError} from '../../errors.ts';
import {type Lab, openLab} from '../../lab/lab.ts';
import {defineTask} from '../../runner/task.ts';

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
    hardware: z
      .number()
      .int()
      .positive()
      .optional()
      .describe('For `ftask lab up`, which starts it so: with disks and machines, as the process PID.')
      .meta({placeholder: 'PID'}),
  }),
  run: async ({port, file, hardware: pid}, context: Context) => {
    const {labPlace, progress, signal} = context;
    const options = {...labPlace, ...(file && {file}), port, serving: true};
    const lab = await (pid === undefined ? openLab({...options, signal}) : openKept(pid, options, context));
    try {
      if (lab.notice !== undefined) progress.note(lab.notice);
      progress.note(`the lab is served at ${lab.url}; Ctrl-C ends it`);
      if (!signal.aborted) await new Promise((end) => signal.addEventListener('abort', end, {once: true}));
    } finally {
      await lab.close();
    }
  },
});

/** Whoever started it holds its stdin open until the lab is up: a start that nobody waits for any more is given up. */
async function openKept(
  pid: number,
  options: Parameters<typeof openLab>[0],
  {progress, signal, stdin}: Context,
): Promise<Lab> {
  const alone = new AbortController();
  const input = stdin()
    .once('end', () => alone.abort(new FtaskError('Alone', 'nobody waits for the lab any more')))
    .resume();
  try {
    return await openLab({
      ...options,
      hardware: {pid, warn: (text) => progress.warn(text)},
      signal: AbortSignal.any([signal, alone.signal]),
    });
  } finally {
    input.destroy();
  }
}

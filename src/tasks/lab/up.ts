/** `ftask lab up` */
import {resolve} from 'node:path';
import {z} from 'zod';
import type {Context} from '../../context/context.ts';
import {labUp} from '../../lab/hardware/keeper/keeper.ts';
import {defineTask} from '../../runner/task.ts';
import {type LabRow, labRows} from './rows.ts';

export const lab_up = defineTask({
  summary: 'Start the lab with real disks and machines.',
  description: `Every volume becomes a disk and every running instance a machine with an sshd of its own, on this machine and
seen from nowhere else. Needs Linux and root. Until \`ftask lab down\`, \`ftask --lab\` in the same folder works on it and
reaches its instances by name: ftask --lab -H web1 run -- uptime`,
  options: z.object({
    file: z
      .string()
      .optional()
      .describe("The fleet's description; lab.file of the configuration.")
      .meta({placeholder: 'FILE'}),
  }),
  output: {id: ({instance}: LabRow) => instance},
  run: async ({file}, {labPlace, progress, signal, dryRun}: Context) => {
    if (dryRun) {
      progress.note(`would start the lab in ${labPlace.stateDir}, unless it runs`);
      return [];
    }
    const lab = await labUp({...labPlace, ...(file && {file: resolve(file)}), signal});
    progress.note(
      `the lab ${lab.isNew ? 'is up' : 'runs already'} at ${lab.url}; \`ftask lab down\` ends it`,
    );
    if (lab.isOther)
      progress.warn('it goes on with the fleet that it began with; `ftask lab reset` forgets that one');
    return labRows(lab);
  },
});

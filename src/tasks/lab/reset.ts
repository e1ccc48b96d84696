/** `ftask lab reset` */
import {z} from 'zod';
import type {Context} from '../../context/context.ts';
import {resetLab} from '../../lab/lab.ts';
import {defineTask} from '../../runner/task.ts';

export const lab_reset = defineTask({
  summary: 'Forget what was made in the lab.',
  description: 'The fleet is then as its description says. Refused while a lab is running on that state.',
  options: z.object({}),
  run: async (_options, {labPlace, progress, dryRun}: Context) => {
    if (dryRun) return progress.note(`would forget the lab in ${labPlace.stateDir}, if there is one`);
    const had = await resetLab(labPlace.stateDir);
    progress.note(had ? `forgot the lab in ${labPlace.stateDir}` : `there is no lab in ${labPlace.stateDir}`);
  },
});

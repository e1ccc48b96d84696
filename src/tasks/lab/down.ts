/** `ftask lab down` */
import {z} from 'zod';
import type {Context} from '../../context/context.ts';
import {labDown} from '../../lab/hardware/keeper/keeper.ts';
import {flag} from '../../runner/option.ts';
import {defineTask} from '../../runner/task.ts';

export const lab_down = defineTask({
  summary: 'Stop the machines of the lab; their disks stay for the next start.',
  description: '`ftask lab reset` forgets the disks, too.',
  options: z.object({
    force: flag('Kill what does not end, and sweep away what a crash has left.'),
  }),
  run: async ({force}, {labPlace: {stateDir}, progress, dryRun}: Context) => {
    if (dryRun) return progress.note(`would stop the lab in ${stateDir}, if one is up`);
    const wasUp = await labDown({stateDir, force});
    progress.note(wasUp ? `the lab in ${stateDir} is down` : `no lab was up in ${stateDir}`);
  },
});

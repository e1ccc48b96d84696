/** `ftask lab status` */
import {z} from 'zod';
import type {Context} from '../../context/context.ts';
import {labView} from '../../lab/hardware/keeper/keeper.ts';
import {ExitWith} from '../../runner/outcome.ts';
import {defineTask} from '../../runner/task.ts';
import {type LabRow, labRows} from './rows.ts';

export const lab_status = defineTask({
  summary: 'Show what runs in the lab; exit code 1 when it is down.',
  options: z.object({}),
  output: {id: ({instance}: LabRow) => instance},
  run: async (_options, {labPlace, progress}: Context) => {
    const lab = await labView(labPlace.stateDir);
    if (!lab) {
      throw new ExitWith(1, `no lab is up in ${labPlace.stateDir}`, [], '`ftask lab up` starts one');
    }
    progress.note(`the lab is served at ${lab.url}${lab.hasHardware ? '' : ', without disks and machines'}`);
    return labRows(lab);
  },
});

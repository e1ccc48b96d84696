/** Writes a plan to a file, to be looked at and carried out later. */
import {writeFile} from 'node:fs/promises';
import {FtaskError} from '../../../errors.ts';
import type {TrimPlan} from '../plan.ts';
import {digestOf} from './digest.ts';

/** The form of plan files; another one is refused. */
export const VERSION = 1;

/** Writes the file, for its owner's eyes only if it is new. @throws FtaskError */
export async function writePlan(file: string, plan: TrimPlan): Promise<void> {
  const content = {version: VERSION, ...plan};
  const text = `${JSON.stringify({...content, digest: digestOf(content)}, null, 1)}\n`;
  try {
    await writeFile(file, text, {mode: 0o600});
  } catch (cause) {
    throw new FtaskError('PlanFile', `cannot write the plan ${file}: ${(cause as Error).message}`, {cause});
  }
}

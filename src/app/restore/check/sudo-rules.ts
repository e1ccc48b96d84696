/** Whether rules of sudo would be understood: a mistake in them locks everybody out. */
import {sh} from '../../../host/command.ts';
import {looking} from '../../backup/site.ts';
import type {FileStep} from '../plan/steps.ts';
import {asVerdict} from './bad-snapshot.ts';
import type {Snapshot} from './integrity.ts';
import type {Looking} from './source.ts';

/** Whether sudo reads this file. */
export function isSudoRules(path: string): boolean {
  return path === '/etc/sudoers' || path.startsWith('/etc/sudoers.d/');
}

/** @throws BadSnapshot when visudo does not understand them */
export async function checkSudoRules(
  {host, signal}: Looking,
  {folder, source}: Snapshot,
  files: readonly FileStep[],
): Promise<void> {
  for (const {path, target} of files.filter((one) => isSudoRules(one.target))) {
    const command = looking(sh`visudo -c -q -f ${`${folder}/${path}`}`.text, {
      signal,
      shownAs: `visudo ${path}`,
    });
    await asVerdict(source.shown, `${target} are no rules of sudo`, () => host.run(command));
  }
}

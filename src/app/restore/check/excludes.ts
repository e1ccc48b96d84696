/** Whether all folders of a snapshot would be restored in full: what is excluded now may not have been when it was made. */
import {RefusedError} from '../../../errors.ts';
import {sh} from '../../../host/command.ts';
import {ageKeyPatterns} from '../../backup/age-key.ts';
import {looking} from '../../backup/site.ts';
import type {TreeStep} from '../plan/steps.ts';
import type {Snapshot} from './integrity.ts';
import type {Looking} from './source.ts';

/** @throws RefusedError `Excluded`; CommandFailed */
export async function checkExcludes(
  {host, signal}: Looking,
  {folder, source}: Snapshot,
  trees: readonly TreeStep[],
): Promise<void> {
  for (const {component, entries} of trees) {
    const {name, path, into, excludes} = component;
    const words = [...ageKeyPatterns(path), ...excludes].map((pattern) => `--exclude=${pattern}`);
    const {stdout} = await host.run(
      looking(`${sh`rsync -r --links --list-only ${words} -- ${`${folder}/${into}/`}`.text} | wc -l`, {
        signal,
        shownAs: `look for what is excluded from ${path}`,
      }),
    );
    const excluded = entries.length - Number(stdout);
    if (excluded <= 0) continue;
    throw new RefusedError(
      'Excluded',
      `${source.shown}: ${excluded} entries of ${name} are excluded by now, and were not when it was made`,
      {hint: `take what excludes them out of the excludes of ${name}; nothing was changed`},
    );
  }
}

/** Whether what is restored would go where it belongs: root must not write through a link that somebody else has planted. */
import {sh} from '../../../host/command.ts';
import {looking} from '../../backup/site.ts';
import {NO_TRAPS} from '../../links.ts';
import type {Steps} from '../plan/steps.ts';
import type {Looking} from './source.ts';

/** What is wrong with the places of folders and files, each in a few words. @throws CommandFailed */
export async function linkProblems({host, signal}: Looking, {trees, files}: Steps): Promise<string[]> {
  const targets = [...trees.map(({component}) => component.path), ...files.map(({target}) => target)];
  const script = `${sh`set -- ${targets}`.text}${NO_TRAPS}${LOOK}`;
  const {stdout} = await host.run(looking(script, {signal, shownAs: 'look for links'}));
  return [...new Set(stdout.split('\n').slice(0, -1))];
}

const LOOK = `
for target; do (follow_no_trap "$target") 2>&1; done
true`;

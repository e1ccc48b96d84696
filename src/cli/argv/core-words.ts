/** ftask's own options, from the words that the slicer took out. */
import {isRunId} from '../../runner/run-id.ts';
import type {CoreOptions} from '../core-options.ts';
import type {Problem} from './problem.ts';
import type {CoreWord} from './slice.ts';

/** The options with what is wrong about them; of an option given twice the last one counts. */
export function coreOptions(words: readonly CoreWord[]): {core: CoreOptions; problems: readonly Problem[]} {
  const given = new Map(
    words.map(({spec, text}) => [spec.key as keyof CoreOptions, valueIn(spec.kind, text)]),
  );
  const core: CoreOptions = {
    json: false,
    quiet: false,
    verbose: false,
    keepGoing: false,
    list: false,
    help: false,
    version: false,
    ...Object.fromEntries(given),
  };
  return {core, problems: [...problemsOf(core)]};
}

function valueIn(kind: string, text: string): string | boolean {
  if (kind === 'boolean') return text === 'true';
  return kind === 'switch-or-text' && text === 'true' ? true : text;
}

function* problemsOf({resume, quiet, verbose, completion, endpointUrl, lab}: CoreOptions): Iterable<Problem> {
  if (resume !== undefined && !isRunId(resume)) {
    yield {message: `--resume: '${resume}' is not the id of a run, such as 20261121T043012Z-7f3a9c`};
  }
  if (quiet && verbose) yield {message: '--quiet and --verbose exclude each other'};
  if (completion !== undefined && !['bash', 'zsh', 'fish'].includes(completion)) {
    yield {message: `--completion: '${completion}' is not one of bash, zsh, fish`};
  }
  if (endpointUrl !== undefined && !URL.canParse(endpointUrl)) {
    yield {message: `--endpoint-url: '${endpointUrl}' is not a URL`};
  }
  if (endpointUrl !== undefined && lab !== undefined) {
    yield {message: '--endpoint-url and --lab exclude each other'};
  }
}

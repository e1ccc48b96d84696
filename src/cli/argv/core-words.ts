/** ftask's own options, from the words that the slicer took out. */
import {isRunId} from '../../runner/run-id.ts';
import type {CoreOptions} from '../core-options.ts';
import {convert} from './convert.ts';
import type {Problem} from './problem.ts';
import type {CoreWord} from './slice.ts';

/** The options with what is wrong about them; of an option given twice the last one counts, lists grow. */
export function coreOptions(words: readonly CoreWord[]): {core: CoreOptions; problems: readonly Problem[]} {
  const values: Record<string, unknown> = {};
  const problems: Problem[] = [];
  for (const spec of new Set(words.map(({spec}) => spec))) {
    const texts = words.filter((word) => word.spec === spec).map(({text}) => text);
    try {
      values[spec.key] = convert(spec, texts);
    } catch (error) {
      problems.push({message: `--${spec.name}: ${(error as Error).message}`});
    }
  }
  const core: CoreOptions = {...SWITCHES, set: {}, ...values};
  return {core, problems: [...problems, ...problemsOf(core)]};
}

const SWITCHES = {
  acceptNewHostKeys: false,
  askPassword: false,
  askSudoPassword: false,
  dryRun: false,
  echo: false,
  help: false,
  json: false,
  keepGoing: false,
  list: false,
  quiet: false,
  serial: false,
  verbose: false,
  version: false,
  yes: false,
};

const BATCH = /^([1-9]\d*|([1-9]\d?|100)%)(,([1-9]\d*|([1-9]\d?|100)%))*$/;

function* problemsOf(core: CoreOptions): Iterable<Problem> {
  const {resume, quiet, verbose, endpointUrl, lab, serial, parallel, maxFailures, batch} = core;
  if (resume !== undefined && !isRunId(resume)) {
    yield {message: `--resume: '${resume}' is not the id of a run, such as 20261121T043012Z-7f3a9c`};
  }
  if (quiet && verbose) yield {message: '--quiet and --verbose exclude each other'};
  if (endpointUrl !== undefined && !URL.canParse(endpointUrl)) {
    yield {message: `--endpoint-url: '${endpointUrl}' is not a URL`};
  }
  if (endpointUrl !== undefined && lab !== undefined) {
    yield {message: '--endpoint-url and --lab exclude each other'};
  }
  if (serial && parallel !== undefined) yield {message: '--serial and --parallel exclude each other'};
  for (const [name, count] of Object.entries({parallel, 'max-failures': maxFailures})) {
    if (count !== undefined && !(Number.isSafeInteger(count) && count > 0)) {
      yield {message: `--${name}: ${count} is not a whole number from 1 on`};
    }
  }
  if (batch !== undefined && !BATCH.test(batch)) {
    yield {
      message: `--batch: '${batch}' is neither a number of hosts, such as 5, nor a share of them, such as 10%`,
    };
  }
  for (const tag of core.hostsByTag ?? []) {
    if (tag.indexOf('=') < 1) yield {message: `--hosts-by-tag: '${tag}' is not NAME=VALUE`};
  }
  for (const name of Object.keys(core.set)) {
    if (!/^[A-Za-z_]\w*$/.test(name)) yield {message: `--set: '${name}' cannot be the name of a variable`};
  }
}

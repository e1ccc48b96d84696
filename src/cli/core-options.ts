/** The options of ftask itself: one table for the parser, the help and the completion. */
import type {OptionKind, OptionSpec} from '../runner/option-spec.ts';

/** ftask's own options as a run gets them. */
export interface CoreOptions {
  /** The task file. */
  readonly file?: string;
  /** A configuration file that is read after all others. */
  readonly config?: string;
  readonly profile?: string;
  readonly endpointUrl?: string;
  /** The embedded lab: with its packaged fleet, or with the file or URL given. */
  readonly lab?: true | string;
  /** The run that is finished. */
  readonly resume?: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly keepGoing: boolean;
  /** Undefined: where there is a terminal. */
  readonly color?: boolean;
  readonly list: boolean;
  readonly help: boolean;
  readonly version: boolean;
  readonly completion?: string;
}

/** Every core option, in the order of the help. */
export const CORE_OPTIONS: readonly OptionSpec[] = [
  core('file', 'text', 'Task file instead of the nearest tasks.ts.', {short: 'f', placeholder: 'FILE'}),
  core('config', 'text', 'Configuration file read after all others.', {placeholder: 'FILE'}),
  core('profile', 'text', 'AWS profile.', {placeholder: 'NAME'}),
  core('endpointUrl', 'text', 'EC2 endpoint instead of AWS.', {placeholder: 'URL'}),
  core('lab', 'switch-or-text', 'Run against the embedded lab.', {placeholder: 'FILE|URL'}),
  core('resume', 'text', 'Finish an earlier run under its id.', {placeholder: 'RUN'}),
  core('json', 'boolean', 'Print one JSON document, errors included.'),
  core('quiet', 'boolean', 'Say nothing but errors.', {short: 'q'}),
  core('verbose', 'boolean', 'Say more.', {short: 'v'}),
  core('keepGoing', 'boolean', 'Run the next task even if one fails.'),
  core('color', 'boolean', 'Colours; without it, on a terminal only.'),
  core('list', 'boolean', 'List the tasks.', {short: 'l'}),
  core('help', 'boolean', 'Show this help, or that of a task.', {short: 'h'}),
  core('version', 'boolean', 'Print the version.', {short: 'V'}),
  core('completion', 'choice', 'Print a completion script.', {
    placeholder: 'SHELL',
    choices: ['bash', 'zsh', 'fish'],
  }),
];

interface CoreDetails {
  readonly short?: string;
  readonly placeholder?: string;
  readonly choices?: readonly string[];
}

function core(key: keyof CoreOptions, kind: OptionKind, text: string, details: CoreDetails = {}): OptionSpec {
  const name = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const fallback = kind === 'boolean' && key !== 'color' ? {fallback: 'false'} : {};
  const basics = {key, name, kind, text, aliases: [], placeholder: '', required: false, positional: false};
  return {...basics, ...fallback, ...details};
}

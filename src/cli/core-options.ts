/** The options of ftask itself: one table for the parser, the help and the completion. */
import {kebabCase, type OptionKind, type OptionSpec, placeholderOf} from '../runner/option-spec.ts';

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
  /** As typed, cut at the commas outside of brackets: `web[1-3,7]` is one. */
  readonly hosts?: readonly string[];
  readonly role?: readonly string[];
  /** `NAME=VALUE` each. */
  readonly hostsByTag?: readonly string[];
  /** As `hosts`. */
  readonly exclude?: readonly string[];
  /** How many hosts at a time; 1 or more. */
  readonly parallel?: number;
  readonly serial: boolean;
  /** `5` or `10%`. */
  readonly batch?: string;
  /** 1 or more. */
  readonly maxFailures?: number;
  /** Milliseconds. */
  readonly timeout?: number;
  /** Milliseconds. */
  readonly connectTimeout?: number;
  readonly acceptNewHostKeys: boolean;
  readonly askSudoPassword: boolean;
  readonly askPassword: boolean;
  /** Undefined: as it suits the task and what stdout is. */
  readonly output?: 'stream' | 'fold' | 'json';
  /** A folder that gets a file a host. */
  readonly outdir?: string;
  readonly hide?: 'out' | 'err' | 'both';
  /** Say each command before it runs. */
  readonly echo: boolean;
  readonly dryRun: boolean;
  /** Yes to whatever would be asked. */
  readonly yes: boolean;
  /** Variables for what tasks run. */
  readonly set: Readonly<Record<string, string>>;
  /** Milliseconds to wait for a task's lock; refused at once without it. */
  readonly lockWait?: number;
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

/** Every core option under its heading, in the order of the help. */
export const CORE_GROUPS: readonly CoreGroup[] = [
  {
    heading: 'Host options',
    isShared: true,
    options: [
      core('hosts', 'list', 'Hosts, such as web1,web[2-9],user@c:2222.', {
        short: 'H',
        cut: 'outside-brackets',
        names: 'hosts',
      }),
      core('role', 'list', 'Hosts of a role in the configuration.', {short: 'R', names: 'roles'}),
      core('hostsByTag', 'list', 'Running EC2 instances with a tag.', {
        placeholder: 'NAME=VALUE',
        cut: 'never',
      }),
      core('exclude', 'list', 'All of them but these hosts.', {
        short: 'x',
        placeholder: 'HOSTS',
        cut: 'outside-brackets',
        names: 'hosts',
      }),
      core('parallel', 'number', 'How many hosts at a time, 32 unless configured.', {short: 'P'}),
      core('serial', 'boolean', 'One host after the other.'),
      core('batch', 'text', 'So many hosts, then the next ones.', {placeholder: 'N|N%'}),
      core('maxFailures', 'number', 'Start no further host after so many failed.'),
      core('timeout', 'duration', 'Time limit of each command, 1h unless configured.'),
      core('connectTimeout', 'duration', 'Time limit of each connection, 10s unless configured.'),
      core('acceptNewHostKeys', 'boolean', 'Trust and keep the keys of unknown hosts.'),
      core('askPassword', 'boolean', 'Ask for the password of the hosts first.'),
      core('askSudoPassword', 'boolean', 'Ask for the sudo password first.'),
    ],
  },
  {
    heading: 'Run options',
    isShared: true,
    options: [
      core('dryRun', 'boolean', 'Change nothing, show what would be done.'),
      core('yes', 'boolean', 'Yes to all questions.', {short: 'y'}),
      core('set', 'map', 'Variable for what tasks run.', {placeholder: 'KEY=VALUE'}),
      core('lockWait', 'duration', 'Wait so long while the same task runs.'),
      core('keepGoing', 'boolean', 'Run the next task even if one fails.'),
      core('resume', 'text', 'Finish an earlier run under its id.', {placeholder: 'RUN'}),
    ],
  },
  {
    heading: 'Output options',
    options: [
      core('json', 'boolean', 'Print one JSON document, errors included.'),
      core('output', 'choice', "How hosts' output is shown.", {choices: ['stream', 'fold', 'json']}),
      core('outdir', 'text', "Keep each host's output in a file there.", {placeholder: 'DIR'}),
      core('hide', 'choice', "Leave out hosts' output.", {choices: ['out', 'err', 'both']}),
      core('echo', 'boolean', 'Say each command before it runs.'),
      core('quiet', 'boolean', 'Say nothing but errors.', {short: 'q'}),
      core('verbose', 'boolean', 'Say more.', {short: 'v'}),
      core('color', 'boolean', 'Colours; without it, on a terminal only.'),
    ],
  },
  {
    heading: 'Other options',
    options: [
      core('file', 'text', 'Task file instead of the nearest tasks.ts.', {short: 'f', placeholder: 'FILE'}),
      core('config', 'text', 'Configuration file read after all others.', {placeholder: 'FILE'}),
      core('profile', 'text', 'AWS profile.', {placeholder: 'NAME'}),
      core('endpointUrl', 'text', 'EC2 endpoint instead of AWS.', {placeholder: 'URL'}),
      core('lab', 'switch-or-text', 'Run against the embedded lab.', {placeholder: 'FILE|URL'}),
      core('list', 'boolean', 'List the tasks.', {short: 'l'}),
      core('help', 'boolean', 'Show this help, or that of a task.', {short: 'h'}),
      core('version', 'boolean', 'Print the version.', {short: 'V'}),
      core('completion', 'choice', 'Print a completion script.', {
        choices: ['bash', 'zsh', 'fish'],
      }),
    ],
  },
];

/** Every core option, without the headings. */
export const CORE_OPTIONS: readonly OptionSpec[] = CORE_GROUPS.flatMap(({options}) => options);

/** Core options under one heading. */
export interface CoreGroup {
  readonly heading: string;
  /** A task with an option of the same name gets the value, too. */
  readonly isShared?: true;
  readonly options: readonly OptionSpec[];
}

interface CoreDetails {
  readonly short?: string;
  readonly placeholder?: string;
  readonly choices?: readonly string[];
  readonly cut?: OptionSpec['cut'];
  readonly names?: OptionSpec['names'];
}

function core(key: keyof CoreOptions, kind: OptionKind, text: string, details: CoreDetails = {}): OptionSpec {
  const fallback = kind === 'boolean' && key !== 'color' ? {fallback: 'false'} : {};
  const basics = {key, name: kebabCase(key), kind, text, aliases: [], required: false, positional: false};
  return {
    ...basics,
    placeholder: details.choices?.join('|') ?? placeholderOf(kind, key),
    ...fallback,
    ...details,
  };
}

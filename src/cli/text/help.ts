/** `--help` and `--list`: text made of the tables that parse, so that it cannot be wrong. */
import type {OptionSpec} from '../../runner/option-spec.ts';
import type {TaskSpec} from '../../runner/task-spec.ts';
import {CORE_GROUPS} from '../core-options.ts';
import {EXIT_CODES} from '../exit-code.ts';

/** The help of ftask itself. */
export function mainHelp(tasks: readonly TaskSpec[], width: number): string {
  return paragraphs([
    'Usage: ftask [options] <task> [task options] [<task> [task options] ...]\n       ftask <task> --help',
    listTasks(tasks, width),
    ...CORE_GROUPS.map(({heading, options}) => section(heading, options.map(optionRow), width)),
    section(
      'Exit codes',
      EXIT_CODES.map(([code, meaning]) => [String(code), meaning] as const),
      width,
    ),
  ]);
}

/** The help of one task. */
export function taskHelp(task: TaskSpec, width: number): string {
  const places = task.options.filter((option) => option.positional);
  const named = task.options.filter((option) => !option.positional);
  const usage = [
    'Usage: ftask',
    task.name,
    ...(named.length > 0 ? ['[options]'] : []),
    ...places.map(placeName),
  ];
  return paragraphs([
    usage.join(' '),
    wrap(task.summary, width).join('\n'),
    description(task.description ?? '', width),
    section(
      'Arguments',
      places.map((place) => [place.placeholder, optionText(place)] as const),
      width,
    ),
    section('Options', named.map(optionRow), width),
    "ftask's own options (ftask --help) may follow, too.",
  ]);
}

/** The tasks with their summaries, under their headings. */
export function listTasks(tasks: readonly TaskSpec[], width: number): string {
  const headings = [...new Set(tasks.map((task) => task.section))];
  const left = Math.max(0, ...tasks.map(({name}) => name.length));
  const sections = headings.map((heading) => {
    const rows = tasks.filter((task) => task.section === heading);
    return section(
      heading ?? 'Tasks',
      rows.map(({name, summary}) => [name, summary] as const),
      width,
      left,
    );
  });
  return sections.join('\n');
}

/** An option as it is typed: `-f, --file FILE`, `--[no-]boot`. */
function optionUsage({name, short, kind, placeholder, fallback}: OptionSpec): string {
  const long = kind === 'boolean' && fallback !== 'false' ? `--[no-]${name}` : `--${name}`;
  const value = kind === 'boolean' ? '' : kind === 'switch-or-text' ? `[=${placeholder}]` : ` ${placeholder}`;
  return `${short ? `-${short}, ` : '    '}${long}${value}`;
}

/** Paragraphs flow to the width; indented lines, such as examples, stay as they are. */
function description(text: string, width: number): string {
  const blocks = text
    .split('\n\n')
    .map((block) => (/^\s/m.test(block) ? block : wrap(block, width).join('\n')));
  return blocks.join('\n\n');
}

type HelpRow = readonly [left: string, right: string];

function optionRow(option: OptionSpec): HelpRow {
  return [optionUsage(option), optionText(option)];
}

function optionText(option: OptionSpec): string {
  const {text, choices, placeholder, fallback, required, kind, cut, positional} = option;
  const notes = [
    // The usage line says so of arguments.
    required && !positional && 'required',
    choices && placeholder !== choices.join('|') && `one of ${choices.join(', ')}`,
    (kind === 'list' || kind === 'map') && !positional && 'repeatable',
    kind === 'list' && cut !== 'never' && 'comma separated',
    kind !== 'boolean' && fallback !== undefined && `default ${fallback}`,
    kind === 'boolean' && fallback === 'true' && 'on by default',
  ].filter((note) => typeof note === 'string');
  return notes.length > 0 ? `${text} (${notes.join('; ')})`.trim() : text;
}

function placeName({placeholder, required, kind}: OptionSpec): string {
  const name = kind === 'list' || kind === 'map' ? `${placeholder}...` : placeholder;
  return required ? name : `[${name}]`;
}

const MARGIN = 2;
const WIDEST_LEFT = 30;

function section(heading: string, rows: readonly HelpRow[], width: number, wish = 0): string {
  if (rows.length === 0) return '';
  const longest = Math.max(wish, ...rows.map(([left]) => left.length));
  const left = Math.min(longest, WIDEST_LEFT) + MARGIN;
  const indent = ' '.repeat(MARGIN + left);
  const lines = rows.flatMap(([name, text]) => {
    const wrapped = wrap(text, Math.max(20, width - indent.length)).map((line) => indent + line);
    const label = ' '.repeat(MARGIN) + name;
    if (label.length >= indent.length) return [label, ...wrapped];
    return [(label.padEnd(indent.length) + (wrapped[0] ?? '').trimStart()).trimEnd(), ...wrapped.slice(1)];
  });
  return `${heading}:\n${lines.join('\n')}\n`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function paragraphs(parts: readonly string[]): string {
  const filled = parts.map((part) => part.trimEnd()).filter((part) => part !== '');
  return `${filled.join('\n\n')}\n`;
}

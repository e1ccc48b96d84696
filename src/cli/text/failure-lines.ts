/** What is said on stderr of the items that failed: those that failed alike are told of together. */
import {visibleText} from '../../runner/display/visible-text.ts';
import type {TaskReport} from '../../runner/execution/execute.ts';
import {cutMessage} from '../../runner/item-message.ts';
import {type ItemFailure, SomeFailed} from '../../runner/outcome.ts';
import type {Paint} from './paint.ts';
import {hintLines} from './talk.ts';

const SHOWN_NAMES = 10;

/** What failed and why, a block for each different reason, with what to do about it; then what to do about them all. */
export function failureLines({failures, error}: TaskReport, paint: Paint): string[] {
  const lines = blocksOf(failures).flatMap(({names, what, hint}) => {
    const [first = '', ...rest] = what.split('\n');
    return [
      paint.red(`  ${visibleText(`${joined(names)}: ${first}`)}`),
      ...rest.map((line) => paint.red(`    ${visibleText(line)}`)),
      ...hintLines(hint, '    ', paint),
    ];
  });
  return error instanceof SomeFailed ? [...lines, ...hintLines(error.hint, '  ', paint)] : lines;
}

interface Block {
  readonly names: string[];
  readonly what: string;
  readonly hint: string | undefined;
}

/** In the order of their first items. */
function blocksOf(failures: readonly ItemFailure[]): Block[] {
  const blocks = new Map<string, Block>();
  for (const {item, where, error} of failures) {
    const {who, what} = cutMessage(error.message, item);
    const key = JSON.stringify([what, error.hint]);
    const block = blocks.get(key) ?? {names: [], what, hint: error.hint};
    blocks.set(key, block);
    block.names.push(where && where !== item ? `${where} ${who}` : who);
  }
  return [...blocks.values()];
}

function joined(names: readonly string[]): string {
  const left = names.length - SHOWN_NAMES;
  return names.slice(0, SHOWN_NAMES).join(', ') + (left > 0 ? ` and ${left} more` : '');
}

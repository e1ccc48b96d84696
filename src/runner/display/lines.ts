/** Progress as plain lines, one an event: for logs, pipes and cron's mail. */
import type {ProgressEvent, ProgressModel} from '../progress.ts';
import type {Display} from './display.ts';
import {visibleText} from './visible-text.ts';

export interface LineOptions {
  /** Every step of every item and debug talk, too. */
  readonly verbose: boolean;
  readonly write: (line: string) => void;
}

/** Prints each event of the model as it happens. */
export function lineDisplay(model: ProgressModel, {verbose, write}: LineOptions): Display {
  let stop = () => {};
  let suspended = 0;
  const kept: string[] = [];
  const flush = () => {
    for (const line of kept.splice(0)) write(line);
  };
  return {
    begin: () => {
      stop = model.listen((event) => {
        const line = eventLine(event, verbose);
        if (line === undefined) return;
        if (suspended > 0) kept.push(line);
        else write(line);
      });
    },
    finish: () => {
      stop();
      flush();
    },
    isDrawn: false,
    settle: () => {},
    suspend: () => {
      suspended += 1;
      return () => {
        suspended -= 1;
        if (suspended === 0) flush();
      };
    },
    abandon: () => {},
  };
}

/** The line for an event; undefined when it is only worth one with `-v`. */
export function eventLine(event: ProgressEvent, verbose: boolean): string | undefined {
  if (event.kind === 'talk') return talkLine(event, verbose);
  if (event.kind === 'item') return itemLine(event, verbose);
  const {name, total, text} = event.group;
  const opened = total === undefined ? 'started' : `${total} to do`;
  return visibleText(`${name}: ${event.state === 'opened' ? opened : (text ?? counts(event.group))}`);
}

type TalkEvent = Extract<ProgressEvent, {kind: 'talk'}>;
type ItemEvent = Extract<ProgressEvent, {kind: 'item'}>;
type Group = ItemEvent['group'];

function talkLine({level, text}: TalkEvent, verbose: boolean): string | undefined {
  if (level === 'debug') return verbose ? `debug: ${visibleText(text)}` : undefined;
  return level === 'warning' ? `warning: ${visibleText(text)}` : visibleText(text);
}

function itemLine({group, item, state, text}: ItemEvent, verbose: boolean): string | undefined {
  if (state === 'updated' && !verbose) return undefined;
  const what = state === 'updated' ? text : text === undefined ? state : `${state}: ${text}`;
  const who = item === group.name ? item : `${group.name}: ${item}`;
  return visibleText(`${who} ${what}`);
}

/** `12 done, 1 failed, 2 skipped`: what is there to say of a group's items. */
export function counts({finished, skipped, failed}: Group): string {
  const parts = [`${finished} done`];
  if (failed.size > 0) parts.push(`${failed.size} failed`);
  if (skipped > 0) parts.push(`${skipped} skipped`);
  return parts.join(', ');
}

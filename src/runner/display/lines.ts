/** Progress as plain lines, one an event: for logs, pipes and cron's mail. */
import {type Canvas, plainCanvas} from '../picture.ts';
import type {ProgressEvent, ProgressModel} from '../progress.ts';
import type {Display} from './display.ts';
import {visibleText} from './visible-text.ts';

export interface LineOptions {
  /** Every step of every item and debug talk, too. */
  readonly verbose: boolean;
  readonly write: (line: string) => void;
  /** Of pictures. */
  readonly canvas?: Canvas;
}

/** Prints each event of the model as it happens. */
export function lineDisplay(
  model: ProgressModel,
  {verbose, write, canvas = plainCanvas}: LineOptions,
): Display {
  let stop = () => {};
  let suspended = 0;
  const kept: string[] = [];
  const flush = () => {
    for (const line of kept.splice(0)) write(line);
  };
  return {
    begin: () => {
      stop = model.listen((event) => {
        kept.push(...linesOf(event, verbose, canvas));
        if (suspended === 0) flush();
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

function linesOf(event: ProgressEvent, verbose: boolean, canvas: Canvas): readonly string[] {
  if (event.kind === 'picture') return event.draw(canvas);
  const line = eventLine(event, verbose);
  return line === undefined ? [] : [line];
}

/** The line for an event; undefined when it is only worth one with `-v`. */
export function eventLine(event: LineEvent, verbose: boolean): string | undefined {
  if (event.kind === 'talk') return talkLine(event, verbose);
  if (event.kind === 'item') return itemLine(event, verbose);
  const {name, total, text} = event.group;
  const opened = total === undefined ? 'started' : `${total} to do`;
  return visibleText(`${name}: ${event.state === 'opened' ? opened : (text ?? counts(event.group))}`);
}

type LineEvent = Exclude<ProgressEvent, {kind: 'picture'}>;
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

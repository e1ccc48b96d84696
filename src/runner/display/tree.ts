/** Progress as a live tree on a terminal: listr2 draws, four times a second, what is sampled here. */
import {DefaultRenderer, Listr, ListrLogger, ProcessOutput, Spinner} from 'listr2';
import type {ProgressModel} from '../progress.ts';
import type {Display} from './display.ts';
import {eventLine} from './lines.ts';
import {type Row, type RowTone, type Screen, sampleRows} from './rows.ts';
import {visibleText} from './visible-text.ts';

export interface Terminal {
  write(text: string): unknown;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

export interface TreeOptions {
  readonly verbose: boolean;
  readonly terminal: Terminal;
  /** Colours a line of the tree. */
  readonly paint: (tone: RowTone | 'title' | 'talk', text: string) => string;
}

/** Draws the groups that the model gets from `begin` on; talk is shown, and stays when the tree ends. */
export function treeDisplay(model: ProgressModel, options: TreeOptions): Display {
  let stop: (() => Promise<void>) | undefined;
  return {
    begin: (task) => {
      stop = drawTree(task, model, options);
    },
    finish: async () => {
      const stopNow = stop;
      stop = undefined;
      await stopNow?.();
    },
    abandon: () => void options.terminal.write(SHOW_CURSOR),
  };
}

/** Four frames a second: each costs a millisecond or two, and nobody reads faster. */
class SlowSpinner extends Spinner {
  override start(draw?: () => void): void {
    super.start(draw, 250);
  }
}

const SHOW_CURSOR = '\u001B[?25h\n';
const TALK_ROWS = 3;
/** For the title, and so that the terminal never scrolls. */
const SPARE_ROWS = 2;

function drawTree(task: string, model: ProgressModel, options: TreeOptions): () => Promise<void> {
  const {terminal, verbose, paint} = options;
  const firstGroup = model.groups.length;
  const started = performance.now();
  const spinner = new SlowSpinner();
  const talk: string[] = [];
  let isOver = false;

  const frame = (): string => {
    const screen = screenOf(terminal);
    const heard = isOver ? talk : talk.slice(-TALK_ROWS);
    const groups = model.groups.slice(firstGroup);
    const rows = sampleRows(groups, {...screen, rows: Math.max(1, screen.rows - heard.length - SPARE_ROWS)});
    const kept = isOver ? rows.filter(({depth}) => depth === 0) : rows;
    const seconds = Math.floor((performance.now() - started) / 1000);
    const title = isOver ? [] : [paint('title', visibleText(`${spinner.fetch()} ${task}  ${seconds} s`))];
    const said = heard.map((line) => paint('talk', isOver ? line : line.slice(0, screen.columns)));
    return [...said, ...title, ...kept.map((row) => drawRow(row, paint))].join('\n');
  };

  const deaf = model.listen((event) => {
    const line = event.kind === 'talk' ? eventLine(event, verbose) : undefined;
    if (line !== undefined) talk.push(line);
  });
  const {promise, resolve} = openPromise();
  const broken: unknown[] = [];
  const guarded: Guard = (step) => {
    if (broken.length > 0) return '';
    try {
      return step();
    } catch (error) {
      broken.push(error);
      return '';
    }
  };
  const screen = facade(terminal, guarded);
  const drawn = listrOf(() => guarded(frame), promise, spinner, screen).run();
  return async () => {
    isOver = true;
    deaf();
    resolve();
    await drawn;
    if (broken.length > 0) throw broken[0];
  };
}

/** Runs a step of the display; after the first that fails, none. listr2 draws in a timer, where a throw would end the process. */
type Guard = (step: () => string) => string;

/** listr2 brings the loop, the cursor and the erasing; what is on a frame is `draw`'s. */
function listrOf(draw: () => string, ended: Promise<void>, spinner: Spinner, stream: NodeJS.WriteStream) {
  class SampledRenderer extends DefaultRenderer {
    static override nonTTY = true;

    override create(): string {
      return draw();
    }
  }
  return new Listr([{title: ' ', task: () => ended}], {
    renderer: SampledRenderer,
    registerSignalListeners: false,
    rendererOptions: {spinner, logger: new ListrLogger({processOutput: new ProcessOutput(stream, stream)})},
  });
}

/** listr2 swaps the `write` of the streams it is given; it gets one that nobody else writes to. */
function facade(terminal: Terminal, guarded: Guard): NodeJS.WriteStream {
  const stream = {
    isTTY: true,
    get columns() {
      return screenOf(terminal).columns;
    },
    get rows() {
      return screenOf(terminal).rows;
    },
    write: (text: string) => guarded(() => String(terminal.write(text))),
  };
  return stream as unknown as NodeJS.WriteStream;
}

/** A pseudo terminal without a size says 0. */
function screenOf({columns, rows}: Terminal): Screen {
  return {columns: columns || 80, rows: rows || 24};
}

const SYMBOLS: Readonly<Record<RowTone, string>> = {working: '·', done: '✔', failed: '✖', quiet: ' '};

function drawRow({tone, depth, text}: Row, paint: TreeOptions['paint']): string {
  return `${'  '.repeat(depth)}${paint(tone, `${SYMBOLS[tone]} ${text}`)}`;
}

function openPromise(): {promise: Promise<void>; resolve: () => void} {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return {promise, resolve};
}

/** Progress as a live tree on a terminal: listr2 draws, four times a second, what is sampled here. */
import {DefaultRenderer, Listr, ListrLogger, ProcessOutput, Spinner} from 'listr2';
import {type Canvas, plainCanvas} from '../picture.ts';
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
  /** Of pictures, except for its size. */
  readonly canvas?: Canvas;
}

/** Draws the groups that the model gets from `begin` on; talk is shown, and stays when the tree ends. */
export function treeDisplay(model: ProgressModel, options: TreeOptions): Display {
  let tree: Tree | undefined;
  let suspended = 0;
  return {
    begin: (task) => {
      tree = drawTree(task, model, options, () => suspended > 0);
    },
    finish: async () => {
      const last = tree;
      tree = undefined;
      await last?.end();
    },
    get isDrawn() {
      return tree?.isDrawn() ?? false;
    },
    suspend: () => {
      suspended += 1;
      if (suspended === 1) tree?.update();
      return () => {
        suspended -= 1;
        if (suspended === 0) tree?.update();
      };
    },
    settle: () => tree?.settle(),
    abandon: () => void options.terminal.write(`${SHOW_CURSOR}\n`),
  };
}

/** Four frames a second: each costs a millisecond or two, and nobody reads faster. */
class SlowSpinner extends Spinner {
  override start(draw?: () => void): void {
    super.start(draw, 250);
  }
}

const SHOW_CURSOR = '\u001B[?25h';
const TALK_ROWS = 3;
/** For the title, and so that the terminal never scrolls. */
const SPARE_ROWS = 2;

interface Tree {
  /** Leaves what stays, and throws what broke the display. */
  end(): Promise<void>;
  isDrawn(): boolean;
  /** Draws what is to be seen now: nothing when hidden. */
  update(): void;
  /** What was said so far stays above what comes. Only while hidden. */
  settle(): void;
}

function drawTree(task: string, model: ProgressModel, options: TreeOptions, isHidden: () => boolean): Tree {
  const {terminal, verbose, paint, canvas = plainCanvas} = options;
  const firstGroup = model.groups.length;
  const started = performance.now();
  const spinner = new SlowSpinner();
  const talk: Said[] = [];
  let isOver = false;
  let isErased = false;

  const frame = (): string => {
    const screen = screenOf(terminal);
    const heard = isOver ? talk : talk.filter(({isDrawn}) => !isDrawn).slice(-TALK_ROWS);
    const groups = model.groups.slice(firstGroup);
    const rows = sampleRows(groups, {...screen, rows: Math.max(1, screen.rows - heard.length - SPARE_ROWS)});
    const kept = isOver ? rows.filter(({depth}) => depth === 0) : rows;
    const seconds = Math.floor((performance.now() - started) / 1000);
    const isEmpty = rows.length === 0 && heard.length === 0;
    const title =
      isOver || isEmpty ? [] : [paint('title', visibleText(`${spinner.fetch()} ${task}  ${seconds} s`))];
    const said = heard.map((one) => drawSaid(one, paint, isOver ? undefined : screen.columns));
    return [...said, ...title, ...kept.map((row) => drawRow(row, paint))].join('\n');
  };

  const deaf = model.listen((event) => {
    if (event.kind === 'picture') return showAbove(event.draw({...canvas, ...screenOf(terminal)}));
    const text = event.kind === 'talk' ? eventLine(event, verbose) : undefined;
    if (text !== undefined) talk.push({text, isDrawn: false});
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
  const put = (text: string) => guarded(() => String(terminal.write(text)));
  const showCursor = () => isHidden() && put(SHOW_CURSOR);
  const text = () => (isHidden() || isErased ? '' : guarded(frame));
  const live: LiveFrame = {isDrawn: false, text, onReady: showCursor, update: () => {}};
  const settle = () => {
    for (const one of talk.splice(0)) put(`${drawSaid(one, paint)}\n`);
  };
  const showAbove = (lines: readonly string[]) => {
    talk.push(...lines.map((line) => ({text: line, isDrawn: true})));
    if (isHidden()) return;
    isErased = true;
    live.update();
    settle();
    isErased = false;
    live.update();
  };
  const drawn = listrOf(live, promise, spinner, screen).run();
  return {
    end: async () => {
      isOver = true;
      deaf();
      resolve();
      await drawn;
      const left = guarded(frame);
      if (left !== '') put(`${left}\n`);
      if (broken.length > 0) throw broken[0];
    },
    isDrawn: () => live.isDrawn,
    settle,
    update: () => {
      live.update();
      showCursor();
    },
  };
}

/** A line of talk, or one of a picture, which is coloured already. */
interface Said {
  readonly text: string;
  readonly isDrawn: boolean;
}

function drawSaid({text, isDrawn}: Said, paint: TreeOptions['paint'], columns?: number): string {
  return isDrawn ? text : paint('talk', text.slice(0, columns));
}

/** Runs a step of the display; after the first that fails, none. listr2 draws in a timer, where a throw would end the process. */
type Guard = (step: () => string) => string;

/** What stands on the terminal now. */
interface LiveFrame {
  isDrawn: boolean;
  readonly text: () => string;
  /** listr2 has hidden the cursor. */
  readonly onReady: () => void;
  update: () => void;
}

/** listr2 brings the loop, the cursor and the erasing; what is on a frame, and whether there is one, says `live`. */
function listrOf(live: LiveFrame, ended: Promise<void>, spinner: Spinner, stream: NodeJS.WriteStream) {
  class SampledRenderer extends DefaultRenderer {
    static override nonTTY = true;

    #text = '';

    override async render(): Promise<void> {
      await super.render();
      live.update = () => this.update();
      live.onReady();
    }

    override create(): string {
      return this.#text;
    }

    override update(): void {
      this.#text = live.text();
      if (this.#text !== '') super.update();
      else if (live.isDrawn) updaterOf(this).clear();
      live.isDrawn = this.#text !== '';
    }
  }
  return new Listr([{title: ' ', task: () => ended}], {
    renderer: SampledRenderer,
    registerSignalListeners: false,
    rendererOptions: {
      spinner,
      clearOutput: true,
      logger: new ListrLogger({processOutput: new ProcessOutput(stream, stream)}),
    },
  });
}

/** A frame without a line would still be a line: listr2 has no other way to draw none. */
function updaterOf(renderer: DefaultRenderer): {clear(): void} {
  return (renderer as unknown as {updater: {clear(): void}}).updater;
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

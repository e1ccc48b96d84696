/** Which display follows a run: a live tree on a terminal, lines elsewhere, none with `--quiet`. */
import type {Display} from '../../runner/display/display.ts';
import {lineDisplay} from '../../runner/display/lines.ts';
import {type Canvas, plainCanvas} from '../../runner/picture.ts';
import type {ProgressModel} from '../../runner/progress.ts';
import type {CoreOptions} from '../core-options.ts';
import type {Paint} from '../text/paint.ts';
import type {World} from '../world.ts';

export interface DisplayPlace {
  readonly core: CoreOptions;
  readonly paint: Paint;
  readonly world: Pick<World, 'stderr' | 'env'>;
}

/** The display for this run. One that breaks falls silent, with a line at `-v`; the run goes on. */
export async function chooseDisplay(model: ProgressModel, place: DisplayPlace): Promise<Display> {
  const {core, world, paint} = place;
  if (core.quiet) return SILENT;
  const write = (line: string) => world.stderr.write(`${line}\n`);
  const onBroken = (error: unknown) => core.verbose && write(`debug: the display broke: ${error}`);
  const canvas = canvasOf(world, paint);
  const isLive = world.stderr.isTTY === true && world.env['TERM'] !== 'dumb';
  if (!isLive) return unbreakable(lineDisplay(model, {verbose: core.verbose, write, canvas}), onBroken);

  const {treeDisplay} = await import('../../runner/display/tree.ts');
  const tones = {
    title: paint.cyan,
    working: paint.cyan,
    done: paint.green,
    failed: paint.red,
    quiet: paint.dim,
    talk: paint.yellow,
  };
  const tree = treeDisplay(model, {
    verbose: core.verbose,
    terminal: world.stderr,
    paint: (tone, text) => tones[tone](text),
    canvas,
  });
  return unbreakable(tree, onBroken);
}

function canvasOf({stderr, env}: DisplayPlace['world'], paint: Paint): Canvas {
  const tones = {good: paint.green, bad: paint.red, special: paint.cyan, quiet: paint.dim};
  return {
    columns: stderr.columns || plainCanvas.columns,
    rows: stderr.rows || plainCanvas.rows,
    isTerminal: stderr.isTTY === true,
    isUnicode: /utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''),
    paint: (tone, text) => tones[tone](text),
  };
}

const SILENT: Display = {
  begin: () => {},
  finish: () => {},
  isDrawn: false,
  suspend: () => () => {},
  settle: () => {},
  abandon: () => {},
};

function unbreakable(display: Display, onBroken: (error: unknown) => void): Display {
  const guarded = async (step: () => void | Promise<void>) => {
    try {
      await step();
    } catch (error) {
      onBroken(error);
    }
  };
  return {
    begin: (task) => guarded(() => display.begin(task)),
    finish: () => guarded(() => display.finish()),
    get isDrawn() {
      return display.isDrawn;
    },
    suspend: () => display.suspend(),
    settle: () => display.settle(),
    abandon: () => display.abandon(),
  };
}

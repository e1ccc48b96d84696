/** Which display follows a run: a live tree on a terminal, lines elsewhere, none with `--quiet`. */
import type {Display} from '../runner/display/display.ts';
import {lineDisplay} from '../runner/display/lines.ts';
import type {ProgressModel} from '../runner/progress.ts';
import type {CoreOptions} from './core-options.ts';
import type {Paint} from './paint.ts';
import type {Sink} from './world.ts';

export interface DisplayPlace {
  readonly core: CoreOptions;
  readonly paint: Paint;
  readonly stderr: Sink;
}

/** The display for this run. A display that breaks falls silent; the run goes on. */
export async function chooseDisplay(model: ProgressModel, {core, stderr}: DisplayPlace): Promise<Display> {
  if (core.quiet) return {begin: () => {}, finish: () => {}};
  return lineDisplay(model, {verbose: core.verbose, write: (line) => stderr.write(`${line}\n`)});
}

/** Colours, where they are wanted. */
import type {World} from '../world.ts';

type Colour = (text: string) => string;

export interface Paint {
  readonly red: Colour;
  readonly yellow: Colour;
  readonly green: Colour;
  readonly cyan: Colour;
  readonly dim: Colour;
}

const same: Colour = (text) => text;

/** No colours at all. */
export const plain: Paint = {red: same, yellow: same, green: same, cyan: same, dim: same};

/** Whether talk is coloured: the option, then NO_COLOR and FORCE_COLOR, then whether it is a terminal. */
export function wantsColour({env, stderr}: Pick<World, 'env' | 'stderr'>, option?: boolean): boolean {
  if (option !== undefined) return option;
  if (env['NO_COLOR']) return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stderr.isTTY === true && env['TERM'] !== 'dumb';
}

/** The colours of a terminal. */
export async function colours(): Promise<Paint> {
  const {Chalk} = await import('chalk');
  const chalk = new Chalk({level: 1});
  return {red: chalk.red, yellow: chalk.yellow, green: chalk.green, cyan: chalk.cyan, dim: chalk.dim};
}

/** One replica that is being made: what with, between which instances, and what it is to be. */
import type {Order} from '../method.ts';
import type {Way} from '../trees/channel.ts';
import type {Pair} from './sides.ts';
import type {RsyncTools, RsyncWish} from './tools.ts';

export interface Job extends Pair {
  readonly tools: RsyncTools;
  readonly wish: RsyncWish;
  readonly order: Order;
  readonly way: Way;
}

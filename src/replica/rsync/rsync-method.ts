/** Replicas by rsync: between volumes of both snapshots, on an instance in either region. */
import {checkKey} from '../key.ts';
import type {Made, Method, Order} from '../method.ts';
import type {Way} from '../trees/channel.ts';
import {makeReplica} from './make-replica.ts';
import {type Pair, Sides} from './sides.ts';
import {adoptSnapshot} from './snapshot-disk.ts';
import type {RsyncTools, RsyncWish} from './tools.ts';
import {wayBetween} from './way-between.ts';

/** While one is copied, others wait for volumes and snapshots; an instance has room for eleven volumes. */
const AT_ONCE = 4;

/** Nothing is started before the first order; all share the instances. */
export function rsyncMethod(tools: RsyncTools, wish: RsyncWish): Method {
  const sides = new Sides(tools, wish);
  const ways = new Map<string, Promise<Way>>();
  const {clock} = tools.ec2;

  const wayOf = (pair: Pair): Promise<Way> => {
    if (wish.way) return Promise.resolve(wish.way);
    const key = `${pair.source.id} ${pair.target.id}`;
    const known = ways.get(key) ?? wayBetween(tools, pair);
    ways.set(key, known);
    known.catch(() => ways.delete(key));
    return known;
  };

  const make = async (order: Order): Promise<Omit<Made, 'seconds'>> => {
    const {adopt} = order;
    const adoptedGiB = adopt && (await adoptSnapshot({tools, wish, order}, adopt));
    if (adopt && adoptedGiB) return {id: adopt, sizeGiB: adoptedGiB};
    const pair = await sides.between(order.item.source.region, order.to, order.say);
    return makeReplica({tools, wish, order, ...pair, way: await wayOf(pair)});
  };

  return {
    name: 'rsync',
    concurrency: AT_ONCE,
    compares: false,
    prepare: async (to) => {
      const kmsKey = wish.kmsKeys[to];
      if (kmsKey !== undefined) await checkKey(tools, to, kmsKey);
    },
    make: async (order) => {
      const startedMs = clock.now();
      const made = await make(order);
      return {...made, seconds: Math.round((clock.now() - startedMs) / 1000)};
    },
    close: () => sides.close(),
  };
}

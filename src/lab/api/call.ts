/** What an action gets to know and to do while it answers one request. */
import type {FaultRule} from '../fleet/fault-schema.ts';
import {newId} from '../random.ts';
import {Changes} from '../state/changes.ts';
import type {Tags} from '../state/entities.ts';
import type {Store} from '../state/store.ts';
import {ApiError} from '../wire/api-error.ts';
import type {World} from '../world.ts';

/** One request to one region. Changes take effect after the action has returned, and not at all under DryRun. */
export class Call {
  readonly action: string;
  readonly region: string;
  readonly world: World;
  readonly now: number;
  readonly changes = new Changes();
  /** What snapshots made by this call end in error with, by an injected fault. */
  readonly snapshotFailure: string | undefined;
  /** Whether a copy made by this call is not quite one, by an injected fault. */
  readonly isFlawed: boolean;

  constructor(action: string, region: string, world: World, fault?: FaultRule) {
    this.action = action;
    this.region = region;
    this.world = world;
    this.now = world.clock.now();
    this.snapshotFailure = fault?.kind === 'snapshot-error' ? fault.message : undefined;
    this.isFlawed = fault?.kind === 'flawed-copy';
  }

  get account(): string {
    return this.world.fleet.account;
  }

  get store(): Store {
    return this.world.store;
  }

  id(prefix: string): string {
    return newId(prefix, this.world.random);
  }

  /** What every new entity has in common; it may stay invisible for a moment. */
  born(prefix: string, tags: Tags) {
    const delay = this.world.fleet.timing.eventual_consistency_seconds * 1000 * this.world.random();
    const {region, account: owner, now} = this;
    return {id: this.id(prefix), region, owner, tags, createdAt: now, visibleAt: now + Math.round(delay)};
  }

  /** A free address for a new instance. */
  address(): string {
    return this.world.nextAddress();
  }

  /** A number of milliseconds between two numbers of seconds, by chance. */
  between([low, high]: readonly [number, number]): number {
    return Math.round(1000 * (low + (high - low) * this.world.random()));
  }
}

/** An action of EC2: decoded input in, output out. Throws ApiError to answer with an error. */
export type Handler<Input, Output> = (input: Input, call: Call) => Output;

/** What the schema calls required but its type may lack. */
export function required<T>(value: T | undefined, parameter: string): T {
  if (value !== undefined) return value;
  throw new ApiError('MissingParameter', `The request must contain the parameter ${parameter}`);
}

/** Undefined for an empty list, so that it is left out as if it had not been given. */
export function given<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list && list.length > 0 ? list : undefined;
}

/** The instances of a run: one a region, started on first use and shared by all that is copied. */
import type {InstanceId, Region} from '../../ec2/ids.ts';
import {isRunning, type Side, startSide, takeSide} from './side.ts';
import type {RsyncTools, RsyncWish} from './tools.ts';

export interface Pair {
  readonly source: Side;
  readonly target: Side;
}

export class Sides {
  readonly #tools: RsyncTools;
  readonly #wish: RsyncWish;
  readonly #sides = new Map<string, Promise<Side>>();

  constructor(tools: RsyncTools, wish: RsyncWish) {
    this.#tools = tools;
    this.#wish = wish;
  }

  /** Both instances that something is copied between; those that are not there yet are started side by side. */
  async between(from: Region, to: Region, say: (text: string) => void): Promise<Pair> {
    const {sourceInstance, targetInstance} = this.#wish;
    const [source, target] = await Promise.all([
      this.#running(from, sourceInstance, say),
      this.#running(to, targetInstance, say),
    ]);
    return {source, target};
  }

  /** Removes what was started. May be called twice. */
  async close(): Promise<void> {
    const sides = [...this.#sides.values()];
    this.#sides.clear();
    const opened = await Promise.all(sides.map((side) => side.catch(() => undefined)));
    const closed = await Promise.allSettled(opened.map((side) => side?.close()));
    const failed = closed.find(({status}) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  /** One that was terminated under us is no reason for all others to fail. */
  async #running(
    region: Region,
    existing: InstanceId | undefined,
    say: (text: string) => void,
  ): Promise<Side> {
    const key = existing ?? region;
    for (;;) {
      const known = this.#sides.get(key);
      if (!known) return this.#open(key, region, existing, say);
      const side = await known;
      if (await isRunning(this.#tools, side)) return side;
      if (this.#sides.get(key) !== known) continue;
      this.#sides.delete(key);
      await side.close().catch((error: Error) => this.#tools.run.progress.warn(error.message));
    }
  }

  #open(
    key: string,
    region: Region,
    existing: InstanceId | undefined,
    say: (text: string) => void,
  ): Promise<Side> {
    const tools = this.#tools;
    const side = existing === undefined ? startSide(tools, region, say) : takeSide(tools, region, existing);
    this.#sides.set(key, side);
    side.catch(() => this.#sides.delete(key));
    return side;
  }
}

/** The way that the operator chose. */
import type {CopyTools, RsyncChannel, Way} from './channel.ts';
import {directChannel} from './direct/direct-channel.ts';
import {relayedChannel} from './relayed/relayed-channel.ts';

/** Nothing is connected before it runs. */
export function openChannel(tools: CopyTools, way: Way): RsyncChannel {
  return way === 'direct' ? directChannel(tools) : relayedChannel;
}

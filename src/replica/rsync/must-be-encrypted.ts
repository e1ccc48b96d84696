/** Whether a replica is to be encrypted. Pure. */
import type {Order} from '../method.ts';
import type {RsyncWish} from './tools.ts';

/** What comes of an encrypted source is in any case. */
export function mustBeEncrypted({encrypted, kmsKeys}: RsyncWish, {item, to}: Order): boolean {
  return item.source.isEncrypted || encrypted || kmsKeys[to] !== undefined;
}

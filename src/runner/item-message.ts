/** The message of an item's error, cut where it stops to say which item is meant. */

export interface ItemMessage {
  /** The item as the message names it, with its address where that is told: `web1 (10.0.0.7:22)`. */
  readonly who: string;
  readonly what: string;
}

/** Cuts `web1:22: refused` of `web1` or `deploy@web1`; a message that begins otherwise is left whole. */
export function cutMessage(message: string, item: string): ItemMessage {
  const host = item.slice(item.lastIndexOf('@') + 1);
  const rest = message.startsWith(host) ? message.slice(host.length) : '';
  const [told, address = ''] = /^(:\d+| \([^()\n]*\))?: /.exec(rest) ?? [];
  return told === undefined
    ? {who: item, what: message}
    : {who: item + address, what: rest.slice(told.length)};
}

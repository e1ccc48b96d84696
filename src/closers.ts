/** What is to be closed in the end, in the other order. */

export type CloseLater = (close: () => void | Promise<void>) => void;

/** Closes what was given to `closeLater`, the last first; a second time nothing is left to close. */
export function closers(): {readonly closeLater: CloseLater; close(): Promise<void>} {
  const open: Parameters<CloseLater>[0][] = [];
  return {
    closeLater: (close) => void open.push(close),
    close: async () => {
      for (let next = open.pop(); next; next = open.pop()) await next();
    },
  };
}

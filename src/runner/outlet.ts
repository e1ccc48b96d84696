/** Where a task writes data that it shows by itself, as it comes. */

export interface Outlet {
  readonly isTerminal: boolean;
  /** The width of the terminal; 80 where there is none. */
  readonly columns: number;
  /** Its reader has gone (`| head -1`). What is written from then on is dropped, as it is when a disk is full. */
  readonly isClosed: boolean;
  /**
   * Writes, and settles when there is room for more; may be called at any rate and never rejects. Above
   * the live display where that is on the same terminal. Text is passed on as it is: what comes from elsewhere
   * and is meant for people goes through `visibleText` first. Nothing happens with `--json`.
   */
  write(data: string | Uint8Array): Promise<void>;
}

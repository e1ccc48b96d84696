/** Where a task writes data that it shows by itself, as it comes. */

export interface Outlet {
  readonly isTerminal: boolean;
  /** The width of the terminal; 80 where there is none. */
  readonly columns: number;
  /** Nobody reads any more (`| head -1`, a full disk): what is written from now on is dropped. */
  readonly isClosed: boolean;
  /**
   * Writes, and settles when there is room for more; may be called at any rate and never rejects. Above
   * the live display where that is on the same terminal. Text is passed on as it is: what comes from elsewhere
   * and is meant for people goes through `visibleText` first. Nothing happens with `--json`.
   */
  write(data: string | Uint8Array): Promise<void>;
}

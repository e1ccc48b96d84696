/** What shows a run to people while it runs. */

/** Begun and finished once a task, in turns. */
export interface Display {
  begin(task: string): void | Promise<void>;
  /** Returns when nothing more will be drawn; may be called twice. */
  finish(): void | Promise<void>;
  /** The process ends in this very moment: leaves the terminal usable. */
  abandon(): void;
}

/** What shows a run to people while it runs. */

/** Begun and finished once a task, in turns. */
export interface Display {
  begin(task: string): void | Promise<void>;
  /** Returns when nothing more will be drawn; may be called twice. */
  finish(): void | Promise<void>;
  /** Whether something stands on the terminal that goes away again. */
  readonly isDrawn: boolean;
  /** Takes off the terminal what is drawn, until the returned function is called. May be called within another. */
  suspend(): () => void;
  /** Leaves on the terminal what was said so far: before a question, while it is suspended. */
  settle(): void;
  /** The process ends in this very moment: leaves the terminal usable. */
  abandon(): void;
}

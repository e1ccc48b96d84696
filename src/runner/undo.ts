/** What is half done, and how to take it back: runs on failure and on Ctrl-C. */

/** A step's way back. */
export interface Undo {
  /** The step is complete and stays: the way back is forgotten. May be called twice. */
  keep(): void;
  /** Takes the step back now. Runs once, whoever calls first. */
  run(): Promise<void>;
}

export interface UndoFailure {
  readonly what: string;
  readonly error: unknown;
}

/** Ways back, run newest first. One that fails never stops the others. */
export class UndoStack {
  readonly #steps: {what: string; back: () => Promise<void>}[] = [];

  /** Registers the way back of a step, before the step is taken. */
  push(what: string, back: () => Promise<void>): Undo {
    const step = {what, back};
    this.#steps.push(step);
    return {
      keep: () => this.#remove(step),
      run: async () => {
        if (this.#remove(step)) await back();
      },
    };
  }

  /** Takes everything back that was not kept, newest first; tells which ways back failed. */
  async unwind(): Promise<UndoFailure[]> {
    const failures: UndoFailure[] = [];
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await step.back();
      } catch (error) {
        failures.push({what: step.what, error});
      }
    }
    return failures;
  }

  #remove(step: {what: string; back: () => Promise<void>}): boolean {
    const index = this.#steps.indexOf(step);
    if (index >= 0) this.#steps.splice(index, 1);
    return index >= 0;
  }
}

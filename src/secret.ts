/** A string that cannot be printed by accident. */
import {inspect} from 'node:util';

const MASK = '********';

/** Holds a secret; printing, joining, inspecting or serialising it gives a mask. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The secret itself. Never hand it to argv, a log or an error. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}

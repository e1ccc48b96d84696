/** Text from elsewhere, made harmless for a terminal. */
import {stripVTControlCharacters} from 'node:util';

const INVISIBLE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/gu;

/** One line without escape sequences, control characters and marks that turn the writing direction. */
export function visibleText(text: string): string {
  return stripVTControlCharacters(text).replaceAll(INVISIBLE, ' ').trim();
}

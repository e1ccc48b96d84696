/** The name that was probably meant. */

/** The candidate fewest typing mistakes away from `typed`, if it is near enough to be worth saying. */
export function nearest(typed: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(typed.length / 3));
  let best: {name: string; mistakes: number} | undefined;
  for (const name of candidates) {
    const mistakes = name.startsWith(typed) && typed.length > 1 ? 1 : typingMistakes(typed, name);
    if (mistakes <= limit && (best === undefined || mistakes < best.mistakes)) best = {name, mistakes};
  }
  return best?.name;
}

/** Damerau-Levenshtein: insertions, deletions, substitutions and swaps of neighbours. */
export function typingMistakes(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({length: b.length + 1}, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const changed = a[row - 1] === b[column - 1] ? 0 : 1;
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        at(above, column) + 1,
        at(current, column - 1) + 1,
        at(above, column - 1) + changed,
        swapped ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    before = above;
    above = current;
  }
  return at(above, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}

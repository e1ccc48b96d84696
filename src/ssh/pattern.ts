/** OpenSSH's patterns: `*` and `?` in names, and lists of them with negation (ssh_config(5), PATTERNS). */

/** Whether the whole text matches; `*` is any text, `?` one character. */
export function matchesPattern(text: string, pattern: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  let next = 0;
  while (at < text.length) {
    if (pattern[next] === '*') {
      star = next;
      next += 1;
      resume = at;
    } else if (next < pattern.length && (pattern[next] === '?' || pattern[next] === text[at])) {
      next += 1;
      at += 1;
    } else if (star >= 0) {
      // The last star takes one character more; earlier ones never need to, so this is not exponential.
      resume += 1;
      at = resume;
      next = star + 1;
    } else {
      return false;
    }
  }
  while (pattern[next] === '*') next += 1;
  return next === pattern.length;
}

/** Whether one of the patterns matches and none that begins with `!` does. */
export function matchesAny(text: string, patterns: readonly string[]): boolean {
  const isNegated = (pattern: string): boolean => pattern.startsWith('!');
  if (patterns.some((pattern) => isNegated(pattern) && matchesPattern(text, pattern.slice(1)))) return false;
  return patterns.some((pattern) => !isNegated(pattern) && matchesPattern(text, pattern));
}

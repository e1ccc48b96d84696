/** How long the steps of a backup or a restore may take. */

/** As long as it takes: how much there is to copy is nobody's to guess. setTimeout() knows no more. */
export const NO_LIMIT_MS = 2 ** 31 - 1;

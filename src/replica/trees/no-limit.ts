/** A copy takes as long as it takes: that nothing moves any more is seen by the connections. */
export const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** What went wrong, where something must. */
import assert from 'node:assert/strict';

/** The error that a promise must reject with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error & {hint?: string}> {
  const value = await promise.catch((error: unknown) => error);
  assert.ok(value instanceof Error, `it should have failed, but gave ${JSON.stringify(value)}`);
  return value;
}

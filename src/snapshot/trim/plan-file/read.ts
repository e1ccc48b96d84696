/** Reads a plan back from its file, if it still is what ftask has written. */
import {readFile} from 'node:fs/promises';
import {RefusedError, UsageError} from '../../../errors.ts';
import type {TrimPlan} from '../plan.ts';
import {digestOf} from './digest.ts';
import {VERSION} from './write.ts';

const MAX_AGE_MS = 86_400_000;
/** Clocks differ by so much without anybody being wrong. */
const FUTURE_MS = 5 * 60_000;

/**
 * Reads a plan.
 * @throws UsageError on a file that is none
 * @throws RefusedError on one that was edited, or that is older than a day
 */
export async function readPlan(file: string, nowMs: number): Promise<TrimPlan> {
  const {digest, version, ...plan} = await readJson(file);
  if (version !== VERSION || !isPlan(plan))
    throw notPlan(file, 'it is none that this version of ftask wrote');
  if (digest !== digestOf({version, ...plan})) throw refused(file, 'was edited after ftask wrote it');
  const ageMs = nowMs - Date.parse(plan.createdAt);
  if (Number.isNaN(ageMs)) throw notPlan(file, 'it does not say when it was made');
  if (ageMs > MAX_AGE_MS) throw refused(file, `is older than a day: it was made at ${plan.createdAt}`);
  if (ageMs < -FUTURE_MS) throw refused(file, `comes from the future: it was made at ${plan.createdAt}`);
  return plan;
}

async function readJson(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw notPlan(file, cause.message);
  });
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below: what stands there is no concern of an operator.
  }
  throw notPlan(file, 'it is not JSON');
}

/** The digest answers for all that is inside. */
function isPlan(value: object): value is TrimPlan {
  return 'account' in value && 'createdAt' in value && 'settings' in value && 'regions' in value;
}

function notPlan(file: string, why: string): UsageError {
  return new UsageError('NotAPlan', `cannot read a plan from ${file}: ${why}`, {
    hint: '`ftask trim_snapshots --plan FILE` makes one.',
  });
}

function refused(file: string, why: string): RefusedError {
  return new RefusedError('PlanRefused', `the plan ${file} ${why}`, {
    hint: 'Make a new one with --plan, and look at it.',
  });
}

/** How a replication ends: with its rows, or with an error that carries them. */
import {FtaskError, RefusedError} from '../errors.ts';
import {SomeFailed} from '../runner/outcome.ts';
import type {RunContext} from '../runner/task.ts';
import type {Replicated} from './carry-out.ts';
import type {ChosenBy, ReplicatedSnapshot} from './request.ts';
import {isNew} from './rows.ts';

/**
 * The rows when nothing failed. @throws SomeFailed with them when something did, or was interrupted; RefusedError when
 * others are at all that was to be done, and nothing was
 */
export function concluded(
  {signal}: Pick<RunContext, 'signal'>,
  {rows, failures}: Replicated,
): readonly ReplicatedSnapshot[] {
  if (signal.aborted) {
    throw new SomeFailed(
      'interrupted; copies that were begun go on at AWS, and the next run adopts them',
      rows,
      failures,
    );
  }
  const [first] = failures;
  if (!first) return rows;
  const isRefused = failures.every(({error}) => error instanceof RefusedError);
  if (isRefused && !rows.some(isNew)) throw refusal(first.error, failures.length);
  throw new SomeFailed(`${failures.length} failed`, rows, failures);
}

function refusal({code, message, hint}: FtaskError, count: number): RefusedError {
  return new RefusedError(code, count === 1 ? message : `nothing replicated, ${count} refused: ${message}`, {
    hint,
  });
}

/** Nothing at all carries the tag: a typing error more often than an empty account. */
export function nothingChosen({name, value}: ChosenBy, where: string): FtaskError {
  return new FtaskError('NothingToReplicate', `no snapshot with tag ${name}=${value} in ${where}`, {
    hint: 'Check the region and the tag; --allow-empty makes this a success.',
  });
}

/** Work on each host of a run, told as it goes on, with everything kept that came of it. */
import {FtaskError, UsageError} from '../errors.ts';
import {type EachOptions, type HostOutcome, onEach} from '../host/group/on-each.ts';
import type {Host} from '../host/host.ts';
import {cutMessage} from '../runner/item-message.ts';
import {type ItemFailure, SomeFailed} from '../runner/outcome.ts';
import type {RunContext} from '../runner/task.ts';

export interface EachRequest extends Omit<EachOptions, 'signal'> {
  readonly hosts: readonly Host[];
  /** The name of the row that shows how far it is. */
  readonly title: string;
}

/** What is told of a host. */
export type Work<Value> = (host: Host, say: (text: string) => void) => Promise<Value>;

/**
 * Calls `work` for each host and returns every outcome, in the order of the hosts. Hosts that were not begun are
 * reported as skipped.
 * @throws UsageError when there are no hosts
 */
export async function outcomesOfEach<Value>(
  run: Pick<RunContext, 'progress' | 'signal' | 'skip'>,
  {hosts, title, ...options}: EachRequest,
  work: Work<Value>,
): Promise<HostOutcome<Value>[]> {
  if (hosts.length === 0) throw noHosts();
  const group = run.progress.group(title);
  group.expect(hosts.length);
  const tell = (outcome: HostOutcome<Value>) => {
    const {host} = outcome;
    if (outcome.status === 'done') return group.done(host);
    if (outcome.status === 'failed') return group.fail(host, reasonOf(outcome.error, host));
    group.skip(host, outcome.reason);
    run.skip({item: host, reason: outcome.reason});
  };
  try {
    return await onEach(
      hosts,
      (host) => work(host, (text) => group.update(host.name, text)),
      {...options, signal: run.signal},
      {onStart: (host) => group.start(host), onEnd: tell},
    );
  } finally {
    group.close();
  }
}

/**
 * What came of each host, when it came of all.
 * @throws SomeFailed with what came of the others; the mistake itself when the code fails on every host
 */
export function valuesOf<Value>(outcomes: readonly HostOutcome<Value>[]): Value[] {
  const values = outcomes.flatMap((outcome) => (outcome.status === 'done' ? [outcome.value] : []));
  if (values.length === outcomes.length) return values;
  const errors = outcomes.flatMap((outcome) => (outcome.status === 'failed' ? [outcome.error] : []));
  if (values.length === 0 && errors.length > 0 && !errors.some((error) => error instanceof FtaskError))
    throw errors[0];
  throw failedHosts(outcomes, values);
}

/**
 * The error of a task that did not come through on all hosts. `result` is what came of the others, `rowOf` what is
 * known of one that failed.
 */
export function failedHosts(
  outcomes: readonly HostOutcome<unknown>[],
  result: readonly unknown[],
  rowOf: (host: string) => unknown = () => undefined,
): SomeFailed {
  const failures = outcomes.flatMap((outcome) =>
    outcome.status === 'failed' ? [failureOf(outcome, rowOf(outcome.host))] : [],
  );
  const left = outcomes.filter(({status}) => status === 'not-run').length;
  const notRun = left > 0 ? `; ${left} not begun` : '';
  return new SomeFailed(`${failures.length} of ${outcomes.length} hosts failed${notRun}`, result, failures);
}

/** Why a task cannot begin without hosts. */
export function noHosts(): UsageError {
  return new UsageError('NoHosts', 'no hosts to work on', {
    hint: 'name them with -H, -R or --hosts-by-tag',
  });
}

function failureOf({host, error}: {host: string; error: unknown}, row: unknown): ItemFailure {
  return {item: host, error: expected(error), ...(row !== undefined && {row})};
}

function expected(error: unknown): FtaskError {
  if (error instanceof FtaskError) return error;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new FtaskError('TaskCode', message, {cause: error});
}

/** One line, and without the host, which stands before it. */
function reasonOf(error: unknown, host: string): string {
  const message = error instanceof Error ? error.message : String(error);
  const [line = ''] = cutMessage(message, host).what.split('\n', 1);
  return line;
}

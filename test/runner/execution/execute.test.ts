import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {z} from 'zod';
import {FtaskError, InterruptedError} from '../../../src/errors.ts';
import {type PlannedTask, runTasks} from '../../../src/runner/execution/execute.ts';
import {SomeFailed} from '../../../src/runner/outcome.ts';
import {ProgressModel} from '../../../src/runner/progress.ts';
import {defineTask, type RunContext, type Task} from '../../../src/runner/task.ts';
import {bareContext} from '../run-context.ts';

function planned(name: string, run: (context: RunContext) => Promise<unknown[] | undefined>): PlannedTask {
  const task = defineTask({
    summary: name,
    options: z.object({}),
    run: async (_, context: RunContext) => run(context),
  });
  return {name, task, options: {}};
}

const house = {
  open: async (given: RunContext) => given,
  nameOf: (task: Task) => task.summary,
  takeLock: async () => () => {},
};

function execution(keepGoing = false) {
  const controller = new AbortController();
  const progress = new ProgressModel();
  const talk: string[] = [];
  progress.listen((event) => event.kind === 'talk' && talk.push(event.text));
  const run = bareContext({signal: controller.signal, progress});
  return {controller, talk, options: {...house, keepGoing, run}};
}

const done = planned('done', async () => ['a']);
const fails = planned('fails', async () => {
  throw new FtaskError('X', 'broke');
});

describe('runTasks', () => {
  test('stops at the first task that fails', async () => {
    const reports = await runTasks([done, fails, done], execution().options);
    assert.deepEqual(
      reports.map(({status}) => status),
      ['done', 'failed', 'not-run'],
    );
  });

  test('runs on with keepGoing', async () => {
    const reports = await runTasks([fails, done], execution(true).options);
    assert.deepEqual(
      reports.map(({status}) => status),
      ['failed', 'done'],
    );
  });

  test('keeps the result of a task of which some items failed', async () => {
    const failure = {item: 'i-2', error: new FtaskError('X', 'broke')};
    const some = planned('some', async () => {
      throw new SomeFailed('some', ['i-1'], [failure]);
    });
    const none = planned('none', async () => {
      throw new SomeFailed('none', [], [failure]);
    });
    const [partial, failed] = await runTasks([some, none], execution(true).options);
    assert.deepEqual([partial?.status, partial?.result, partial?.failures], ['partial', ['i-1'], [failure]]);
    assert.equal(failed?.status, 'failed');
  });

  test('takes back what a failed task left half done, newest first, and tells what could not be', async () => {
    const {options, talk} = execution();
    const undone: string[] = [];
    const half = planned('half', async ({undo}) => {
      undo.push('attach', async () => void undone.push('attach'));
      undo.push('freeze', async () => {
        undone.push('freeze');
        throw new Error('host is gone');
      });
      throw new FtaskError('X', 'broke');
    });
    await runTasks([half], options);
    assert.deepEqual(undone, ['freeze', 'attach']);
    assert.deepEqual(talk, ['could not undo: freeze: host is gone']);
  });

  test('undoes nothing of a task that is done', async () => {
    const undone: string[] = [];
    const fine = planned('fine', async ({undo}) => {
      undo.push('step', async () => void undone.push('step'));
      return [];
    });
    await runTasks([fine, fails], execution().options);
    assert.deepEqual(undone, []);
  });

  test('starts no task after an interruption, whatever keepGoing says', async () => {
    const {options, controller} = execution(true);
    const interrupted = planned('interrupted', async () => {
      controller.abort();
      return ['made before'];
    });
    const [first, second] = await runTasks([interrupted, done], options);
    assert.deepEqual([first?.status, first?.result, second?.status], ['done', ['made before'], 'not-run']);
  });

  test('calls an aborted wait by the reason of the abortion', async () => {
    const {options, controller} = execution();
    const waits = planned('waits', async ({signal}) => {
      controller.abort(new InterruptedError('SIGINT'));
      await delay(60_000, undefined, {signal});
      return [];
    });
    const [report] = await runTasks([waits], options);
    assert.ok(report?.error instanceof InterruptedError);
  });

  test('gives each report the items that its own task skipped', async () => {
    const skips = planned('skips', async (context) => {
      context.skip({item: 'i-1', reason: 'no volumes'});
      return [];
    });
    const [first, second] = await runTasks([skips, done], execution().options);
    assert.deepEqual(first?.skipped, [{item: 'i-1', reason: 'no volumes'}]);
    assert.deepEqual(second?.skipped, []);
  });
});

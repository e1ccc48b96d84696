import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {z} from 'zod';
import {runTasks} from '../../../src/runner/execution/execute.ts';
import {withNeighbours} from '../../../src/runner/execution/neighbours.ts';
import {call, defineTask, type RunContext, type Task} from '../../../src/runner/task.ts';
import {bareContext} from '../run-context.ts';

const options = z.object({fast: z.boolean().default(false)});
type Around = Pick<Task, 'before' | 'after'>;

/** Tasks that tell when they run; those named in `failing` fail. */
function scene(failing: readonly string[] = []) {
  const ran: string[] = [];
  const make = (summary: string, around: Around = {}) =>
    defineTask({
      summary,
      options,
      ...around,
      run: async ({fast}, _context: RunContext) => {
        ran.push(fast ? `${summary} fast` : summary);
        if (failing.includes(summary)) throw new Error('broke');
      },
    });
  const run = async (...tasks: readonly Task[]) => {
    const nameOf = ({summary}: Task) => summary;
    const typed = tasks.map((task) => ({name: task.summary, task, options: {fast: false}}));
    const reports = await runTasks(await withNeighbours(typed, {nameOf, dryRun: false}), {
      keepGoing: true,
      run: bareContext(),
      open: async (given) => given,
      takeLock: async () => () => {},
      nameOf,
    });
    return {ran, notRun: reports.filter(({status}) => status === 'not-run').map(({name}) => name)};
  };
  return {make, run};
}

describe('before and after', () => {
  test('run around their task, deeper ones first, with the options they are given', async () => {
    const {make, run} = scene();
    const fetch = make('fetch');
    const build = make('build', {before: [fetch]});
    const deploy = make('deploy', {before: [call(build, {fast: true})], after: [make('notify')]});
    assert.deepEqual((await run(deploy)).ran, ['fetch', 'build fast', 'deploy', 'notify']);
  });

  test('run once a command line with equal options', async () => {
    const {make, run} = scene();
    const build = make('build');
    const web = make('web', {before: [build]});
    const mail = make('mail', {before: [build, call(build, {fast: true})]});
    assert.deepEqual((await run(web, mail, build)).ran, ['build', 'web', 'build fast', 'mail', 'build']);
  });

  test('keep their task from running when they fail, even with --keep-going', async () => {
    const {make, run} = scene(['build']);
    const deploy = make('deploy', {before: [make('build')], after: [make('notify')]});
    assert.deepEqual(await run(deploy, make('other')), {
      ran: ['build', 'other'],
      notRun: ['deploy', 'notify'],
    });
  });

  test('do not run after a task that failed', async () => {
    const {make, run} = scene(['deploy']);
    const deploy = make('deploy', {before: [make('build')], after: [make('notify')]});
    assert.deepEqual(await run(deploy), {ran: ['build', 'deploy'], notRun: ['notify']});
  });

  test('are refused with options that their task does not take', async () => {
    const {make, run} = scene();
    const deploy = make('deploy', {before: [{task: make('build'), options: {fast: 'very'}}]});
    await assert.rejects(run(deploy), {name: 'UsageError', message: /^'build': fast: /});
  });

  test('are refused when they wait for each other', async () => {
    const {make, run} = scene();
    const before: Task[] = [];
    const egg = make('egg', {before});
    const hen = make('hen', {before: [egg]});
    before.push(hen);
    await assert.rejects(run(egg), {
      code: 'Circle',
      message: 'tasks that wait for each other: egg → hen → egg',
    });
  });
});

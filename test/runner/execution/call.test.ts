import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {z} from 'zod';
import {FtaskError} from '../../../src/errors.ts';
import {runTasks, type TaskReport} from '../../../src/runner/execution/execute.ts';
import {defineTask, type RunContext, type Task} from '../../../src/runner/task.ts';
import {bareContext} from '../run-context.ts';

const steps: string[] = [];
const options = z.object({name: z.string(), dryRun: z.boolean().default(false)});
const greet = defineTask({
  summary: 'greet',
  options,
  lock: ({name}) => `greet ${name}`,
  run: async ({name, dryRun}, {dryRun: isDry, undo}: RunContext) => {
    undo.push(name, async () => void steps.push(`undo ${name}`));
    steps.push(`greet ${name}`);
    return [{text: `hello ${name}`, isDry: dryRun && isDry}];
  },
});

/** Runs one task that calls others. */
async function run(body: (context: RunContext) => Promise<unknown[]>, dryRun = false): Promise<TaskReport> {
  steps.length = 0;
  const task = defineTask({
    summary: 'caller',
    options: z.object({}),
    run: async (_, context: RunContext) => body(context),
  });
  const [report] = await runTasks([{name: 'caller', task, options: {}}], {
    keepGoing: false,
    run: {...bareContext(), dryRun},
    open: async (given) => given,
    nameOf: ({summary}: Task) => summary,
    takeLock: async (name) => {
      steps.push(`lock ${name}`);
      return () => void steps.push(`free ${name}`);
    },
  });
  assert.ok(report);
  return report;
}

describe('a task that calls a task', () => {
  test('has its rows with their types', async () => {
    const {result} = await run(async ({call}) => {
      const rows = await call(greet, {name: 'you'});
      const texts: readonly string[] = rows.map(({text}) => text);
      // @ts-expect-error -- a row has no such field
      rows.map(({id}) => id);
      return [...texts];
    });
    assert.deepEqual(result, ['hello you']);
  });

  test('cannot be compiled with wrong options, and fails with them', async () => {
    // @ts-expect-error -- the name is a string
    const {error} = await run(async ({call}) => [...(await call(greet, {name: 7}))]);
    assert.ok(error instanceof FtaskError);
    assert.match(error.message, /^'greet': name: /);
  });

  test('makes it a dry run when it is one itself', async () => {
    const {result, dryRun} = await run(async ({call}) => [...(await call(greet, {name: 'you'}))], true);
    assert.deepEqual([result, dryRun], [[{text: 'hello you', isDry: true}], true]);
    assert.deepEqual(steps, ['greet you']);
  });

  test('gives it what there is for dry runs when it asks for one, all the way down', async () => {
    const between = defineTask({
      summary: 'between',
      options: options.pick({dryRun: true}),
      run: async (_, {call}: RunContext) => [...(await call(greet, {name: 'you'}))],
    });
    const {result, dryRun} = await run(async ({call}) => [
      ...(await call(greet, {name: 'me', dryRun: true})),
      ...(await call(between, {dryRun: true})),
      ...(await call(greet, {name: 'them'})),
    ]);
    const rows = [true, true, false].map((isDry, index) => ({
      text: `hello ${['me', 'you', 'them'][index]}`,
      isDry,
    }));
    assert.deepEqual([result, dryRun], [rows, false]);
  });

  test('keeps what it made and its lock until it has ended itself', async () => {
    await run(async ({call}) => {
      await call(greet, {name: 'you'});
      steps.push('then');
      throw new FtaskError('X', 'broke');
    });
    assert.deepEqual(steps, ['lock greet you', 'greet you', 'then', 'undo you', 'free greet you']);
  });
});

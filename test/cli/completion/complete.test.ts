import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {z} from 'zod';
import {complete} from '../../../src/cli/completion/complete.ts';
import {flag, positional, regions} from '../../../src/runner/option.ts';
import {defineTask} from '../../../src/runner/task.ts';
import {taskSpec} from '../../../src/runner/task-spec.ts';
import {FakeProject} from '../fake-world.ts';

const task = (name: string, shape: z.ZodRawShape) =>
  taskSpec(name, defineTask({summary: `Do ${name}.`, options: z.object(shape), run: async () => undefined}));
const TASKS = [
  task('back_up', {
    tone: z.enum(['kind', 'gruff']).optional(),
    dryRun: flag('Dry.'),
    boot: z.boolean().default(true),
    region: regions(),
  }),
  task('trim', {}),
  task('show', {what: positional(z.enum(['config', 'lab']))}),
  task('lab_reset', {}),
  task('lab_serve', {}),
  task('enter', {host: positional(z.string().meta({names: 'hosts'}), 'HOST')}),
];

const CASES: readonly (readonly [typed: string, candidates: readonly string[]])[] = [
  ['', ['back_up', 'trim', 'show', 'lab_reset', 'lab_serve', 'enter']],
  ['ba', ['back_up']],
  ['trim b', ['back_up']],
  ['back_up --d', ['--dry-run']],
  ['back_up --no-', ['--no-boot', '--no-color']],
  ['back_up --tone ', ['kind', 'gruff']],
  ['back_up --tone=k', ['--tone=kind']],
  ['show c', ['config']],
  ['--completion f', ['fish']],
  ['trim --key', []],
  ['--keep', ['--keep-going']],
  ['-f ', []],
  ['back_up -- b', []],
  ['back-u', ['back-up']],
  ['lab ', ['reset', 'serve', 'back_up', 'trim', 'show', 'lab_reset', 'lab_serve', 'enter']],
  ['lab s', ['serve', 'show']],
  ['trim --profile lab se', []],
  ['back_up --region il', ['il-central-1']],
  ['back_up --region=il', ['--region=il-central-1']],
  ['-H we', ['web1', 'web2']],
  ['-H web1,we', ['web1,web2']],
  ['-H web[1-3,5],db', ['web[1-3,5],db1']],
  ['-H deploy@d', ['deploy@db1']],
  ['--hosts=web1,d', ['--hosts=web1,db1']],
  ['-x db1,deploy@we', ['db1,deploy@web1', 'db1,deploy@web2']],
  ['-R d', ['databases']],
  ['enter we', ['web1', 'web2']],
  ['enter web1 we', []],
  ['--output f', ['fold']],
];
const HOSTS = {hosts: ['db1', 'web1', 'web2'], roles: ['databases', 'web']};

describe('complete', () => {
  for (const [typed, candidates] of CASES) {
    test(`'${typed}' may become ${candidates.join(', ') || 'nothing'}`, async () => {
      const lines = await complete(typed.split(' '), TASKS, async () => HOSTS);
      assert.deepEqual(
        lines.map((line) => line.split('\t')[0]),
        candidates,
      );
    });
  }

  test('asks for the names of hosts only where one is due', async () => {
    const none = async () => assert.fail('there is no need for them');
    assert.equal((await complete(['back_up', '--to'], TASKS, none)).length, 1);
  });

  test('is answered by ftask itself, and an unloadable task file is no error', async (context) => {
    const here = new FakeProject(context, {});
    assert.deepEqual(await here.run(['--complete', '--', 'pa']), {
      exit: 0,
      stdout: 'packaged_task\tA task that is always there.\n',
      stderr: '',
    });
    here.write('tasks.ts', 'export const = ;');
    assert.deepEqual(await here.run(['--complete', '--', 'pa']), {exit: 0, stdout: '', stderr: ''});
  });
});

import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {describe, test} from 'node:test';
import {z} from 'zod';
import {complete} from '../../src/cli/complete.ts';
import {completionScript} from '../../src/cli/completion-script.ts';
import {flag, positional} from '../../src/runner/option.ts';
import {defineTask} from '../../src/runner/task.ts';
import {taskSpec} from '../../src/runner/task-spec.ts';
import {FakeProject} from './fake-world.ts';

const task = (name: string, shape: z.ZodRawShape) =>
  taskSpec(name, defineTask({summary: `Do ${name}.`, options: z.object(shape), run: async () => undefined}));
const TASKS = [
  task('back_up', {
    tone: z.enum(['kind', 'gruff']).optional(),
    dryRun: flag('Dry.'),
    boot: z.boolean().default(true),
  }),
  task('trim', {}),
  task('show', {what: positional(z.enum(['config', 'lab']))}),
];

const CASES: readonly (readonly [typed: string, candidates: readonly string[]])[] = [
  ['', ['back_up', 'trim', 'show']],
  ['ba', ['back_up']],
  ['trim b', ['back_up']],
  ['back_up --d', ['--dry-run']],
  ['back_up --no-', ['--no-boot', '--no-color']],
  ['back_up --tone ', ['kind', 'gruff']],
  ['back_up --tone=k', ['--tone=kind']],
  ['back_up --tone = k', ['--tone=kind']],
  ['show c', ['config']],
  ['--completion f', ['fish']],
  ['trim --key', []],
  ['--keep', ['--keep-going']],
  ['-f ', []],
  ['back_up -- b', []],
];

describe('complete', () => {
  for (const [typed, candidates] of CASES) {
    test(`'${typed}' may become ${candidates.join(', ') || 'nothing'}`, () => {
      const lines = complete(typed.split(' '), TASKS);
      assert.deepEqual(
        lines.map((line) => line.split('\t')[0]),
        candidates,
      );
    });
  }

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

describe('completionScript', () => {
  test('bash accepts its script and offers what ftask says', () => {
    const script = `ftask() { printf 'back_up\\tBack up.\\n'; }\n${completionScript('bash')}
      COMP_WORDS=(ftask ba); COMP_CWORD=1; _ftask; printf '%s' "\${COMPREPLY[*]}"`;
    assert.equal(spawnSync('bash', ['-c', script], {encoding: 'utf8'}).stdout, 'back_up');
  });
});

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {z} from 'zod';
import {sliceArgv} from '../../../src/cli/argv/slice.ts';
import {flag, list, positional} from '../../../src/runner/option.ts';
import {defineTask} from '../../../src/runner/task.ts';
import {taskSpec} from '../../../src/runner/task-spec.ts';

const spec = (name: string, shape: z.ZodRawShape) =>
  taskSpec(name, defineTask({summary: name, options: z.object(shape), run: async () => undefined}));

const TASKS = [
  spec('back_up', {region: z.string().optional(), dryRun: flag('Dry.'), tag: list(z.string())}),
  spec('trim', {verbose: flag('Own.'), keep: z.number().default(1)}),
  spec('lab_serve', {port: z.number().default(1)}),
  spec('show', {what: positional(z.string()), more: positional(list(z.string()))}),
];

const cut = (...argv: string[]) => {
  const {core, slices, problems} = sliceArgv(argv, TASKS);
  return {
    core: core.map(({spec: {key}, text}) => `${key}=${text}`),
    slices: slices.map(({task, args}) => [task.name, ...args]),
    problems: problems.map(({message}) => message),
  };
};

describe('sliceArgv', () => {
  test('gives each task the options behind it, in one spelling', () => {
    const {slices} = cut(
      'back_up',
      '--region',
      'eu',
      '--dry_run',
      'trim',
      '--keep=3',
      'back-up',
      '--no-dry-run',
    );
    assert.deepEqual(slices, [
      ['back_up', '--region=eu', '--dry-run'],
      ['trim', '--keep=3'],
      ['back_up', '--no-dry-run'],
    ]);
  });

  test('takes core options from anywhere, unless the task has one of that name', () => {
    const {core, slices} = cut('--json', 'back_up', '-v', '--profile', 'x', 'trim', '--verbose', '-q');
    assert.deepEqual(core, ['json=true', 'verbose=true', 'profile=x', 'quiet=true']);
    assert.deepEqual(slices, [['back_up'], ['trim', '--verbose']]);
  });

  test('a bare --lab never takes the next word', () => {
    const {core, slices} = cut('--lab', 'trim', '--lab=fleet.yaml');
    assert.deepEqual(core, ['lab=true', 'lab=fleet.yaml']);
    assert.deepEqual(slices, [['trim']]);
  });

  test('two words name a task when no task has the first as its name', () => {
    assert.deepEqual(cut('lab', 'serve', '--port=2').slices, [['lab_serve', '--port=2']]);
  });

  test('a value may be the name of a task, but not a known option', () => {
    assert.deepEqual(cut('back_up', '--region', 'trim').slices, [['back_up', '--region=trim']]);
    const {slices, problems} = cut('back_up', '--region', '--dry-run');
    assert.deepEqual(slices, [['back_up', '--dry-run']]);
    assert.deepEqual(problems, ['--region needs a value: --region REGION']);
  });

  test('words without a name fill required places first, then stop at the next task', () => {
    assert.deepEqual(cut('show', 'trim', 'a', 'b', 'trim').slices, [['show', 'trim', 'a', 'b'], ['trim']]);
  });

  test('everything behind -- belongs to the task', () => {
    assert.deepEqual(cut('show', '--', '--json', 'trim').slices, [['show', '--', '--json', 'trim']]);
    assert.deepEqual(cut('--', 'x').problems, ['no task before --']);
  });

  test('short options may be joined', () => {
    assert.deepEqual(cut('-ql', '-ffile.ts').core, ['quiet=true', 'list=true', 'file=file.ts']);
  });

  test('the value of an unknown option is not called an unknown task', () => {
    assert.deepEqual(cut('back_up', '--reigon', 'eu', 'trim').problems, ['unknown option --reigon']);
  });

  test('every word of any command line is in exactly one place', () => {
    const known = [
      'back_up',
      'trim',
      'lab',
      'serve',
      'show',
      '--region',
      '--dry-run',
      '--',
      '--json',
      '-f',
      '-qv',
    ];
    const word = fc.oneof(
      fc.constantFrom(...known, '--lab', '--lab=x', '--keep=', '-5', '-x', ''),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(word, {maxLength: 12}), (argv) => {
        const {coreWords, slices, stray} = sliceArgv(argv, TASKS);
        const placed = [...coreWords, ...stray, ...slices.flatMap(({words}) => words)];
        assert.deepEqual(placed.toSorted(), argv.toSorted());
        const inOrder = slices.flatMap(({words}) => words);
        let at = -1;
        for (const one of inOrder) {
          at = argv.indexOf(one, at + 1);
          assert.notEqual(at, -1);
        }
      }),
    );
  });
});

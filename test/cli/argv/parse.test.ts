import assert from 'node:assert/strict';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {z} from 'zod';
import {parseSlice} from '../../../src/cli/argv/parse.ts';
import {sliceArgv} from '../../../src/cli/argv/slice.ts';
import {formatDuration} from '../../../src/duration.ts';
import {duration, flag, keyValues, list, positional, regions, secret} from '../../../src/runner/option.ts';
import {defineTask} from '../../../src/runner/task.ts';
import {taskSpec} from '../../../src/runner/task-spec.ts';
import {Secret} from '../../../src/secret.ts';

const job = defineTask({
  summary: 'A job.',
  options: z.object({
    region: regions(),
    count: z.number().int().min(1).default(1),
    ratio: z.number().optional(),
    dryRun: flag('Dry.'),
    boot: z.boolean().default(true),
    timeout: duration().default(60_000),
    tone: z.enum(['kind', 'gruff']).optional(),
    device: list(z.string()),
    port: list(z.number()),
    tag: keyValues(),
    password: secret().optional(),
    note: z.string().optional(),
    what: positional(z.string().optional()),
  }),
  run: async () => undefined,
});
const spec = taskSpec('job', job);

async function parse(...argv: string[]) {
  const {slices, problems: told} = sliceArgv(['job', ...argv], [spec]);
  const [slice] = slices;
  assert.ok(slice);
  const {options, problems} = await parseSlice(slice, job);
  return {
    options: options as Record<string, unknown> | undefined,
    problems: [...told, ...problems].map(({message}) => message),
  };
}

describe('parseSlice', () => {
  test('gives defaults to what is not said', async () => {
    const {options} = await parse();
    assert.deepEqual(options, {
      count: 1,
      dryRun: false,
      boot: true,
      timeout: 60_000,
      device: [],
      port: [],
      tag: {},
    });
  });

  test('accepts underscores, other names, --no-x and --x=false', async () => {
    const {options} = await parse('--region_name', 'eu', '--dry_run', '--no-boot', '--dry-run=false');
    assert.equal(options?.['region'], 'eu');
    assert.equal(options?.['dryRun'], false);
    assert.equal(options?.['boot'], false);
  });

  test('lists are repeatable and comma separated, maps repeatable', async () => {
    const {options} = await parse(
      '--device=a,b',
      '--device',
      'c',
      '--port=1,2',
      '--tag',
      'k=v=w',
      '--tag=e=',
    );
    assert.deepEqual(options?.['device'], ['a', 'b', 'c']);
    assert.deepEqual(options?.['port'], [1, 2]);
    assert.deepEqual(options?.['tag'], {k: 'v=w', e: ''});
  });

  test('a secret is read from the file that is named, and does not print', async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'ftask-secret-'));
    context.after(() => rmSync(folder, {recursive: true}));
    writeFileSync(join(folder, 'password'), 'open sesame\n');
    const {options} = await parse('--password', join(folder, 'password'));
    const password = options?.['password'];
    assert.ok(password instanceof Secret);
    assert.equal(password.reveal(), 'open sesame');
    assert.equal(JSON.stringify(options).includes('sesame'), false);
  });

  test('tells everything that is wrong, one line each', async () => {
    const {options, problems} = await parse(
      ...[
        '--count=0',
        '--ratio=x',
        '--timeout=5',
        '--tone=odd',
        '--tag=x',
        '--password=/none',
        'a',
        '--',
        'b',
      ],
    );
    assert.equal(options, undefined);
    assert.deepEqual(problems.toSorted(), [
      "'b' is too much",
      '--count: 0 is less than 1',
      '--password: cannot read the secret from /none (ENOENT)',
      "--ratio: 'x' is not a number",
      "--tag: 'x' is not KEY=VALUE",
      "--timeout: '5' is not a duration, such as 90s, 15m or 1h30m",
      "--tone: 'odd' is not one of kind, gruff",
    ]);
  });

  test('a required option that is missing is said to be required', async () => {
    const strict = defineTask({summary: '', options: z.object({id: z.string()}), run: async () => undefined});
    const strictSpec = taskSpec('strict', strict);
    const {problems} = await parseSlice({task: strictSpec, args: []}, strict);
    assert.deepEqual(problems, [{message: '--id is required', task: 'strict'}]);
  });

  test('any typed values survive being typed', async () => {
    const item = fc.string({minLength: 1}).filter((text) => !text.includes(','));
    const key = fc.stringMatching(/^[^=]+$/).filter((text) => text !== '__proto__'); // zod drops that one
    const values = fc.record({
      count: fc.integer({min: 1}),
      ratio: fc.double({noNaN: true, noDefaultInfinity: true}).map((value) => value + 0),
      dryRun: fc.boolean(),
      boot: fc.boolean(),
      timeout: fc.nat(),
      tone: fc.constantFrom('kind', 'gruff'),
      device: fc.array(item, {maxLength: 3}),
      tag: fc.dictionary(key, fc.string(), {noNullPrototype: true}),
      note: fc.string(),
    });
    await fc.assert(
      fc.asyncProperty(values, async (wanted) => {
        const {options, problems} = await parse(
          ...[`--count=${wanted.count}`, `--ratio=${wanted.ratio}`, `--note=${wanted.note}`],
          ...[wanted.dryRun ? '--dry-run' : '--no-dry-run', `--boot=${wanted.boot}`, `--tone=${wanted.tone}`],
          ...[
            '--timeout',
            formatDuration(wanted.timeout),
            ...wanted.device.map((device) => `--device=${device}`),
          ],
          ...Object.entries(wanted.tag).map(([key, value]) => `--tag=${key}=${value}`),
        );
        assert.deepEqual(problems, []);
        assert.deepEqual({...options, port: undefined}, {...wanted, port: undefined});
      }),
    );
  });
});

import assert from 'node:assert/strict';
import {chmodSync, mkdirSync, readdirSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {FakeProject} from '../fake-world.ts';

const task = (name: string, run: string, before = "import {task, z} from 'ftask';") => `
${before}
export const ${name} = task({summary: '${name}.', options: z.object({}), run: async () => ${run}});
`;

describe('finding the task file', () => {
  test('the nearest one upward is loaded', async (context) => {
    const here = new FakeProject(context, {'tasks.ts': task('hello', "['hello']")});
    mkdirSync(join(here.folder, 'a/b'), {recursive: true});
    assert.equal((await here.run(['hello'], {cwd: join(here.folder, 'a/b')})).stdout, 'hello\n');
  });

  test('a folder of that name is passed over', async (context) => {
    const {exit, stdout} = await new FakeProject(context, {'tasks.ts/x': ''}).run(['--list']);
    assert.equal(exit, 0);
    assert.match(stdout, /packaged/);
  });

  test('-f names another one, before or behind the task', async (context) => {
    const here = new FakeProject(context, {'other.ts': task('other', "['other']")});
    assert.equal((await here.run(['-f', 'other.ts', 'other'])).stdout, 'other\n');
    assert.equal((await here.run(['other', '--file=other.ts'])).stdout, 'other\n');
  });

  test('without any the packaged tasks are there', async (context) => {
    assert.equal((await new FakeProject(context, {}).run(['packaged-task'])).stdout, 'packaged\n');
  });
});

describe('loading the task file', () => {
  test('is TypeScript as it is, with local imports that keep their own place', async (context) => {
    const here = new FakeProject(context, {
      'tasks.ts': task(
        'where',
        '[Colour.red, here, import.meta.url]',
        "import {task, z} from 'ftask';\nimport {here} from './lib/here';\nenum Colour { red = 'red' }",
      ),
      'lib/here.ts': 'export const here: string = import.meta.url;',
    });
    const {stdout} = await here.run(['where']);
    assert.match(stdout, /^red\nfile:.*\/lib\/here\.ts\nfile:.*\/tasks\.ts\n$/);
  });

  test("may be CommonJS, or next to a package.json that says so, as npm's own does", async (context) => {
    const here = new FakeProject(context, {
      'package.json': '{"type": "commonjs"}',
      'tasks.ts': task('esm', "['esm']"),
      'cjs.ts': `const {task, z} = require('ftask');
        const {join, basename} = require('node:path');
        exports.cjs = task({summary: 'x', options: z.object({}), run: async () => [basename(__filename)]});`,
    });
    assert.equal((await here.run(['esm'])).stdout, 'esm\n');
    assert.equal((await here.run(['-f', 'cjs.ts', 'cjs'])).stdout, 'cjs.ts\n');
  });

  test('imports packages from where the task file is, and zod from ftask if there is none', async (context) => {
    const here = new FakeProject(context, {
      'node_modules/colours/package.json': '{"name": "colours", "exports": "./index.mjs"}',
      'node_modules/colours/index.mjs': "export const red = 'red'; export const url = import.meta.url;",
      'tasks.ts': task(
        'paint',
        '[red, url]',
        "import {task} from 'ftask';\nimport {z} from 'zod';\nimport {red, url} from 'colours';",
      ),
    });
    const {stdout, stderr} = await here.run(['paint']);
    assert.match(stdout, /^red\nfile:.*\/node_modules\/colours\/index\.mjs\n$/, stderr);
  });

  test('shares the running ftask, so that its errors are known', async (context) => {
    const before = "import {task, z, UsageError} from 'ftask';";
    const body = "{ throw new UsageError('Bad', 'not so'); }";
    const here = new FakeProject(context, {'tasks.ts': task('misuse', `(() => ${body})()`, before)});
    assert.equal((await here.run(['misuse'])).exit, 2);
  });

  test('re-exports the packaged tasks', async (context) => {
    const here = new FakeProject(context, {'tasks.ts': "export * from 'ftask/tasks';"});
    assert.equal((await here.run(['packaged_task'])).stdout, 'packaged\n');
  });

  const BROKEN: readonly (readonly [what: string, source: string, stderr: RegExp])[] = [
    [
      'a syntax error',
      "import {task} from 'ftask';\nexport const = 1;",
      /tasks\.ts:2:14: .*\n.*1 \|.*\n> 2 \| export const = 1;\n/,
    ],
    [
      'an import that is not there',
      "import {x} from './none.ts';\nexport {x};",
      /tasks\.ts:1:17: Could not resolve/,
    ],
    [
      'a mistake on the first line of a file that asks for its own place',
      "import {x} from './none.ts'; console.log(import.meta.url, __dirname, x);",
      /tasks\.ts:1:17: Could not resolve/,
    ],
    ['a throw at import', "\nthrow new TypeError('at import');", /tasks\.ts:2:7: TypeError: at import\n/],
    ['no task at all', 'export const x = 1;', /tasks\.ts exports no task\n {2}hint: export const hello/],
  ];
  for (const [what, source, stderr] of BROKEN) {
    test(`${what} is told in one line with its place, exit 2`, async (context) => {
      const ran = await new FakeProject(context, {'tasks.ts': source}).run(['x']);
      assert.equal(ran.exit, 2);
      assert.match(ran.stderr, stderr);
    });
  }
});

describe('the cache', () => {
  const COUNTED = task('count', '[]', "import {task, z} from 'ftask';\nimport './side.ts';");
  const imported = globalThis as {ftaskImported?: number};
  const SIDE = 'globalThis.ftaskImported = (globalThis.ftaskImported ?? 0) + 1;';

  test('runs no code of the user for --list and --help once it knows the file', async (context) => {
    const here = new FakeProject(context, {'tasks.ts': COUNTED, 'side.ts': SIDE});
    const first = await here.run(['--list']);
    const before = imported.ftaskImported;
    assert.deepEqual(await here.run(['--list']), first);
    assert.equal((await here.run(['count', '--help'])).exit, 0);
    assert.equal(imported.ftaskImported, before);
  });

  test('notices a change in a local import', async (context) => {
    const here = new FakeProject(context, {
      'tasks.ts': task(
        'show',
        '[value]',
        "import {task, z} from 'ftask';\nimport {value} from './value.ts';",
      ),
      'value.ts': "export const value = 'old';",
    });
    assert.equal((await here.run(['show'])).stdout, 'old\n');
    here.write('value.ts', "export const value = 'new';");
    assert.equal((await here.run(['show'])).stdout, 'new\n');
    const modules = readdirSync(join(here.folder, '.cache/ftask')).filter((name) => name.endsWith('.mjs'));
    assert.equal(modules.length, 1);
  });

  test('is readable by its owner only', async (context) => {
    const here = new FakeProject(context, {'tasks.ts': task('hello', '[]')});
    await here.run(['--list']);
    const folder = join(here.folder, '.cache/ftask');
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777);
    assert.deepEqual(new Set(modes), new Set([0o600]));
  });

  test('is not used when others could write to it', async (context) => {
    const here = new FakeProject(context, {'tasks.ts': task('hello', "['hello']")});
    const folder = join(here.folder, '.cache/ftask');
    mkdirSync(folder, {recursive: true});
    chmodSync(folder, 0o777);
    assert.equal((await here.run(['hello'])).stdout, 'hello\n');
    assert.deepEqual(readdirSync(folder), []);
  });

  test('that is damaged is made again', async (context) => {
    const here = new FakeProject(context, {'tasks.ts': task('hello', "['hello']")});
    await here.run(['hello']);
    for (const name of readdirSync(join(here.folder, '.cache/ftask')))
      here.write(`.cache/ftask/${name}`, '{');
    assert.equal((await here.run(['--list'])).exit, 0);
  });
});

/** The house stands as DESIGN drew it. Every rule is shown to fail on a small tree that breaks it. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {packageRoot} from '../src/package.ts';
import {PROCESS_USERS} from './architecture/house.ts';
import type {Tree} from './architecture/imports.ts';
import * as rules from './architecture/rules.ts';

const root = packageRoot();
const src: Tree = new Map(
  readdirSync(join(root, 'src'), {recursive: true, encoding: 'utf8'})
    .filter((file) => file.endsWith('.ts'))
    .map((file) => [`src/${file}`, readFileSync(join(root, 'src', file), 'utf8')]),
);
const tracked = execFileSync('git', ['ls-files', '-z'], {cwd: root, encoding: 'utf8'})
  .split('\0')
  .slice(0, -1);

describe('src', () => {
  check('has no file without a row', rules.homelessFiles, [
    [{'src/stray.ts': ''}, 'src/stray.ts: belongs to no row'],
    [{'src/extras/a.ts': ''}, 'src/extras/a.ts: belongs to no row'],
  ]);

  check('is imported from below only', rules.wrongDirections, [
    [{'src/errors.ts': "import {a} from './ec2/a.ts';"}, 'src/errors.ts: must not import src/ec2/a.ts'],
    [{'src/errors.ts': "import {a} from './clock.ts';"}, 'src/errors.ts: must not import src/clock.ts'],
    [
      {'src/ec2/a.ts': "import type {A} from '../runner/a.ts';"},
      'src/ec2/a.ts: must not import src/runner/a.ts',
    ],
    [
      {'src/ec2/a.ts': "export * from '../snapshot/a.ts';"},
      'src/ec2/a.ts: must not import src/snapshot/a.ts',
    ],
    [
      {'src/ec2/a.ts': "const a = await import('../lab/a.ts');"},
      'src/ec2/a.ts: must not import src/lab/a.ts',
    ],
    [{'src/ec2/a.ts': "let a: typeof import('../lab/a.ts');"}, 'src/ec2/a.ts: must not import src/lab/a.ts'],
    [
      {'src/ec2/a.ts': "import {\n  a,\n  b,\n} from '../context.ts';"},
      'src/ec2/a.ts: must not import src/context.ts',
    ],
    [{'src/cli/a.ts': "import '../ec2/a.ts';"}, 'src/cli/a.ts: must not import src/ec2/a.ts'],
    [{'src/cli/a.ts': "import {a} from '../tasks/a.ts';"}, 'src/cli/a.ts: must not import src/tasks/a.ts'],
    [{'src/lab/a.ts': "import {a} from '../ec2/a.ts';"}, 'src/lab/a.ts: must not import src/ec2/a.ts'],
    [
      {'src/snapshot/a.ts': "import {a} from '../ssh/a.ts';"},
      'src/snapshot/a.ts: must not import src/ssh/a.ts',
    ],
    [{'src/ec2/a.ts': "import {a} from '../../test/a.ts';"}, 'src/ec2/a.ts: must not import test/a.ts'],
  ]);

  check('imports files that exist', rules.danglingImports, [
    [
      {'src/ec2/a.ts': "import {b} from './b.ts';"},
      'src/ec2/a.ts: imports src/ec2/b.ts, which is no file of src',
    ],
  ]);

  check('has no circle of imports, types included', rules.circles, [
    [
      {
        'src/ec2/a.ts': "import {b} from './b.ts';",
        'src/ec2/b.ts': "import {c} from './c.ts';",
        'src/ec2/c.ts': "import type {A} from './a.ts';",
      },
      'src/ec2/a.ts → src/ec2/b.ts → src/ec2/c.ts → src/ec2/a.ts',
    ],
    [{'src/ec2/a.ts': "export {a} from './a.ts';"}, 'src/ec2/a.ts → src/ec2/a.ts'],
  ]);

  check('uses every package in its home, slow ones lazily', rules.strayPackages, [
    [
      {'src/snapshot/a.ts': "import type {EC2} from '@aws-sdk/client-ec2';"},
      'src/snapshot/a.ts: @aws-sdk/client-ec2 belongs into ec2, lab',
    ],
    [
      {'src/ec2/a.ts': "import {type EC2} from '@aws-sdk/client-ec2';"},
      'src/ec2/a.ts: @aws-sdk/client-ec2 must be loaded with await import()',
    ],
    [
      {'src/runner/a.ts': "import chalk from 'chalk';"},
      'src/runner/a.ts: chalk belongs into cli, runner/display',
    ],
    [
      {'src/ec2/a.ts': "import {parse} from 'yaml/util';"},
      'src/ec2/a.ts: yaml belongs into app, config, lab',
    ],
    [{'src/ec2/a.ts': "const pad = await import('left-pad');"}, 'src/ec2/a.ts: left-pad has no home'],
  ]);

  check('has files of at most 300 lines', rules.longFiles, [
    [{'src/ec2/a.ts': '\n'.repeat(300).concat('x\n')}, 'src/ec2/a.ts: 301 lines, 300 at most'],
  ]);

  check('has no default export', rules.defaultExports, [
    [{'src/ec2/a.ts': 'export default 5;'}, 'src/ec2/a.ts: has a default export'],
    [{'src/ec2/a.ts': 'export {a as default};'}, 'src/ec2/a.ts: has a default export'],
  ]);

  check('says at the top of each file what lives there', rules.silentFiles, [
    [
      {'src/ec2/a.ts': "import {a} from './b.ts';"},
      'src/ec2/a.ts: does not begin with a comment that says what lives there',
    ],
  ]);

  check('leaves the global process to main.ts and those with a reason', rules.processUsers, [
    [{'src/ec2/a.ts': 'const a = process.env;'}, 'src/ec2/a.ts: uses the global process'],
    [{'src/ec2/a.ts': "const a = process['env'];"}, 'src/ec2/a.ts: uses the global process'],
    [{'src/ec2/a.ts': "import {env} from 'node:process';"}, 'src/ec2/a.ts: uses the global process'],
  ]);

  test('keeps no reason for a use of process that is gone', () => {
    const users = rules.processUsers(new Map([...src].map(([file, text]) => [`src/any/${file}`, text])));
    for (const file of Object.keys(PROCESS_USERS)) {
      assert.ok(
        users.some((user) => user.startsWith(`src/any/src/${file}:`)),
        file,
      );
    }
  });
});

describe('the repository', () => {
  test('has nothing at its top but what belongs there', () => {
    assert.deepEqual(rules.strayTopLevel(tracked), []);
    assert.deepEqual(rules.strayTopLevel(['src/a.ts', '.ci/run', 'notes.md', 'scripts/a.sh']), [
      'notes.md: does not belong to the top level',
      'scripts: does not belong to the top level',
    ]);
  });

  test('has no file whose name says nothing', () => {
    assert.deepEqual(rules.emptyNames(tracked), []);
    const named = [
      'src/ec2/utils.ts',
      'test/helpers/a.ts',
      'src/lib/a.ts',
      'src/lab/a.ts',
      'src/common.test.ts',
    ];
    assert.deepEqual(
      rules.emptyNames(named).map((line) => line.split(':')[0]),
      ['src/ec2/utils.ts', 'test/helpers/a.ts', 'src/lib/a.ts', 'src/common.test.ts'],
    );
  });
});

/** Holds a rule against the source, and against trees that break it once. */
function check(
  title: string,
  rule: (tree: Tree) => string[],
  broken: readonly (readonly [Readonly<Record<string, string>>, string])[],
): void {
  test(title, () => {
    assert.deepEqual(rule(src), []);
    for (const [files, breach] of broken) assert.deepEqual(rule(new Map(Object.entries(files))), [breach]);
  });
}

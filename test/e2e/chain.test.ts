/** Several tasks on one line, and stopping in the middle. */
import assert from 'node:assert/strict';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {emptyFolder, ftask, start} from './ftask.ts';
import {instances, TestLab, tagOf} from './lab.ts';

const byTag = 'backup_instances_by_tag';

describe('tasks on one line', () => {
  const lab = new TestLab({
    clock: {speed: 500},
    regions: {
      'us-east-1': {instances: instances(['far'])},
      'eu-west-1': {instances: instances(['web'])},
    },
  });
  const us = [byTag, '--region', 'us', '--tag', 'which=first'];
  const none = [byTag, '--region', 'eu', '--tag-value', 'nobody'];
  const eu = ['backup-instances-by-tag', '--region=eu', '--tag=which=last'];

  async function run(...args: string[]) {
    const before = new Set((await lab.snapshots()).map(({SnapshotId}) => SnapshotId));
    const ended = await ftask(await emptyFolder(), [`--lab=${lab.url}`, '--json', ...args]);
    const made = (await lab.snapshots()).filter(({SnapshotId}) => !before.has(SnapshotId));
    const statuses = JSON.parse(ended.stdout).tasks.map(({status}: {status: string}) => status);
    return {...ended, statuses, which: [...new Set(made.map((snapshot) => tagOf(snapshot, 'which')))].sort()};
  }

  test('run in order, each with its own options', async () => {
    const {code, statuses, which} = await run(...us, ...eu);
    assert.equal(code, 0);
    assert.deepEqual(statuses, ['done', 'done']);
    assert.deepEqual(which, ['first', 'last']);
  });

  test('stop at the first that fails', async () => {
    const {code, statuses, which} = await run(...us, ...none, ...eu);
    assert.equal(code, 1);
    assert.deepEqual(statuses, ['done', 'failed', 'not-run']);
    assert.deepEqual(which, ['first']);
  });

  test('run on with --keep-going, with the worst code at the end', async () => {
    const {code, statuses, which} = await run('--keep-going', ...us, ...none, ...eu);
    assert.equal(code, 1);
    assert.deepEqual(statuses, ['done', 'failed', 'done']);
    assert.deepEqual(which, ['first', 'last']);
  });

  test("take tasks of one's own beside those that ftask brings", async () => {
    const folder = await emptyFolder();
    await writeFile(
      join(folder, 'tasks.ts'),
      `import {task, z} from 'ftask';
export * from 'ftask/tasks';
export const greet = task({
  summary: 'Say hello.',
  options: z.object({name: z.string().describe('Whom to greet.')}),
  run: async ({name}) => [\`hello \${name}\`],
});
`,
    );
    const {code, stdout} = await ftask(folder, [
      `--lab=${lab.url}`,
      'greet',
      '--name',
      'ann',
      byTag,
      '--dry-run',
    ]);
    assert.equal(code, 0);
    assert.match(stdout, /^hello ann\nvol-/);
  });
});

describe('Ctrl-C', () => {
  const lab = new TestLab({
    clock: {speed: 20},
    generate: [{instances: 300, regions: ['eu-west-1'], tags: {Earmarking: 'production'}}],
  });

  test('starts nothing more, tells all that was made, and exits with 130', async () => {
    const {process, ended} = start(await emptyFolder(), [`--lab=${lab.url}`, '--json', byTag]);
    while ((await lab.snapshots()).length < 120) await delay(10);
    process.kill('SIGINT');
    const {code, stdout, stderr} = await ended;
    assert.equal(code, 130, stderr);
    const document = JSON.parse(stdout);
    const [task] = document.tasks;
    const made = (await lab.snapshots()).map(({SnapshotId}) => SnapshotId);
    assert.ok(made.length < 300);
    assert.deepEqual(
      task.result.map(({snapshotId}: {snapshotId: string}) => snapshotId).sort(),
      [...made].sort(),
    );
    assert.equal(document.ok, false);
    assert.equal(task.result.length + task.skipped.length, 300, 'every instance is accounted for');
  });
});

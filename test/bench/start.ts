/** How fast commands start, beside Fabric 3 with two tasks. */
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {binOf} from '../venv.ts';
import {compare} from './measure.ts';
import {report} from './report.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const PAIRS = 15;

const FABFILE = `from fabric import task

@task
def one(c):
    "First."

@task
def two(c):
    "Second."
`;

const TASK_FILE = `import {task, z} from 'ftask';
${Array.from({length: 10}, (_, index) => taskSource(`task_${index}`)).join('\n')}
`;

/** Returns whether all figures are within their limits. */
export async function benchStart(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'ftask-bench-'));
  const env = {...process.env, XDG_CACHE_HOME: join(folder, 'cache')};
  try {
    await writeFile(join(folder, 'fabfile.py'), FABFILE);
    await writeFile(join(folder, 'tasks.ts'), TASK_FILE);
    const fab = [join(binOf('fabric'), 'python'), join(binOf('fabric'), 'fab')];
    const rows: [string, string[], string[], number][] = [
      ['ftask --list (10 tasks) / fab --list (2 tasks)', ['--list'], ['--list'], 0.85],
      ['ftask <task> --help / fab --help <task>', ['task_3', '--help'], ['--help', 'one'], 0.85],
      ['completion / fab --complete', ['--complete', 'ftask', 'ta'], ['--complete', '--', 'fab', 'o'], 0.6],
    ];
    let ok = true;
    for (const [what, ours, theirs, atMost] of rows) {
      const {ratio, ...wall} = await compare([process.execPath, MAIN, ...ours], [...fab, ...theirs], PAIRS, {
        cwd: folder,
        env,
      });
      ok = report({what, value: ratio, unit: '', atMost}) && ok;
      report({what: '  wall, ours', value: wall.ours * 1000, unit: 'ms'});
      report({what: '  wall, theirs', value: wall.theirs * 1000, unit: 'ms'});
    }
    return ok;
  } finally {
    await rm(folder, {recursive: true});
  }
}

function taskSource(name: string): string {
  return `export const ${name} = task({
  summary: 'A task.',
  options: z.object({region: z.string().optional(), count: z.number().default(1), dryRun: z.boolean().default(false)}),
  run: async ({count}) => [String(count)],
});`;
}

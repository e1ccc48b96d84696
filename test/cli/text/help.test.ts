import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {z} from 'zod';
import {taskHelp} from '../../../src/cli/text/help.ts';
import {list, positional, words} from '../../../src/runner/option.ts';
import {defineTask} from '../../../src/runner/task.ts';
import {taskSpec} from '../../../src/runner/task-spec.ts';

function helpOf(shape: z.ZodRawShape): string {
  const task = defineTask({summary: 'Do it.', options: z.object(shape), run: async () => undefined});
  return taskHelp(taskSpec('do_it', task), 80);
}

describe('taskHelp', () => {
  test('tells of an option how often it may be given, and where its text is cut', () => {
    const help = helpOf({
      name: z.string().describe('A name.'),
      ids: list(z.string(), 'Some ids.'),
      tags: list(z.string(), 'Some tags.').meta({cut: 'never'}),
    });
    assert.match(help, /--name NAME +A name\. \(required\)$/m);
    assert.match(help, /--ids IDS +Some ids\. \(repeatable; comma separated\)$/m);
    assert.match(help, /--tags TAGS +Some tags\. \(repeatable\)$/m);
  });

  test('leaves it to the usage line which arguments must be given, and which more than once', () => {
    const help = helpOf({
      host: positional(z.string().optional().describe('The host.'), 'HOST'),
      command: words('COMMAND', 'The command.'),
    });
    assert.match(help, /^Usage: ftask do_it \[HOST\] COMMAND\.\.\.$/m);
    assert.match(help, /^ {2}COMMAND +The command\.$/m);
  });
});

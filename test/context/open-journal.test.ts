/** Where the journal of a run is. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {configSchema} from '../../src/config/schema.ts';
import {journalFile} from '../../src/context/open-journal.ts';

const config = configSchema.parse({});
const named = configSchema.parse({journal: {file: 'own.jsonl'}});
const lab = {stateDir: '/work/.ftask/lab'};
const here = {cwd: '/work', homeDir: '/home/ann', env: {}};

describe('the journal of a run', () => {
  test('is where the system keeps such files', () => {
    assert.equal(journalFile(config, here, undefined), '/home/ann/.local/state/ftask/journal.jsonl');
    const env = {XDG_STATE_HOME: '/var/state'};
    assert.equal(journalFile(config, {...here, env}, undefined), '/var/state/ftask/journal.jsonl');
  });

  test('is not where a relative XDG_STATE_HOME says', () => {
    const env = {XDG_STATE_HOME: 'state'};
    assert.equal(
      journalFile(config, {...here, env}, undefined),
      '/home/ann/.local/state/ftask/journal.jsonl',
    );
  });

  test('of a lab is its own', () => {
    assert.equal(journalFile(config, here, lab), '/work/.ftask/lab/journal.jsonl');
  });

  test('is where the configuration says, seen from the working directory, in a lab too', () => {
    assert.equal(journalFile(named, here, undefined), '/work/own.jsonl');
    assert.equal(journalFile(named, here, lab), '/work/own.jsonl');
  });
});

/** The kinds of values that say how backups are made consistent: where hosts are reached, what is run on them. */
import {z} from 'zod';
import {choice, duration, text, wholeNumber} from './values.ts';

/** Where the instances of a region or with a tag are reached, and as whom. */
export function hostRules() {
  const rule = z.strictObject(
    {
      region: text().optional().describe('Regions whose names begin so; all by default.'),
      tag: tagPair().optional().describe('A tag that the instance has, written Key=Value.'),
      address: choice('auto', 'public', 'private', 'name').optional().describe('hosts.address by default.'),
      user: text().optional().describe('Who logs in; as the ssh configuration says by default.'),
      port: wholeNumber(1, 65_535).optional().describe('As the ssh configuration says by default.'),
    },
    'expected a map such as {region: eu, user: admin}',
  );
  return z.array(rule, 'expected a list of rules such as [{region: eu, user: admin}]');
}

/** What is run on hosts beside a freeze. */
export function hooks() {
  const hook = z.strictObject(
    {
      name: text(64).describe('What it is called in messages.'),
      tag: tagPair().optional().describe('Only on instances with this tag, written Key=Value.'),
      run: text(65_536).describe('A piece of shell.'),
      user: text()
        .optional()
        .describe('The user that it is run as with sudo; the one who logs in by default.'),
      timeout: duration().prefault('30s').describe('How long it may take before it is ended.'),
    },
    'expected a map such as {name: checkpoint, run: psql -c CHECKPOINT, user: postgres}',
  );
  return z.array(hook, 'expected a list of hooks such as [{name: checkpoint, run: psql -c CHECKPOINT}]');
}

function tagPair() {
  const expected = 'expected a tag such as Role=database';
  return z.string(expected).regex(/^[^=]{1,128}=.{0,256}$/, expected);
}

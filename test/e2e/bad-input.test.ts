/** What is refused before anything is asked of EC2, and what is said when EC2 cannot be reached. */
import assert from 'node:assert/strict';
import {writeFile} from 'node:fs/promises';
import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {after, before, describe, test} from 'node:test';
import {type Ended, emptyFolder, ftask} from './ftask.ts';
import {instances, TestLab} from './lab.ts';

const FLEET = {regions: {'us-east-1': {}, 'eu-west-1': {instances: instances(['web'])}}};

/** One line that says what is wrong, and at most one that says what to do. */
function assertOneClearLine({stderr, stdout}: Ended, message: RegExp): void {
  const lines = stderr.trim().split('\n');
  const errors = lines.filter((line) => line.startsWith('ftask: '));
  assert.equal(errors.length, 1, stderr);
  assert.match(errors[0] ?? '', message);
  assert.doesNotMatch(stderr, /^ +at |Error:/m, 'no stack');
  assert.equal(stdout, '');
}

describe('bad input', () => {
  const lab = new TestLab(FLEET);
  const byTag = 'backup_instances_by_tag';
  const tags = Array.from({length: 51}, (_, index) => `--tag=k${index}=v`);
  const refused: [string, string[], RegExp][] = [
    ['an unknown task', ['backup_instances'], /unknown task 'backup_instances'/],
    ['an unknown option', [byTag, '--regoin', 'eu'], /unknown option --regoin/],
    ['an unknown option of ftask itself', ['--jsn', byTag], /unknown option --jsn/],
    [
      'a region that does not exist',
      [byTag, '--region', 'eu-west-11'],
      /no region is or begins with "eu-west-11"/,
    ],
    ['the beginning of no region', [byTag, '--region', 'x'], /no region is or begins with "x"/],
    ['a number that is none', [byTag, '--max-failures', 'many'], /--max-failures/],
    ['a switch that is neither true nor false', [byTag, '--dry-run=maybe'], /--dry-run/],
    [
      'no instance and no tag',
      ['backup_instance', '--region', 'eu-west-1'],
      /give --instance-id, or --tag-name/,
    ],
    [
      'an instance and a tag',
      ['backup_instance', '--instance-id', 'i-12345678', '--tag-name', 'a', '--tag-value', 'b'],
      /either --instance-id or/,
    ],
    ['an instance id that is none', ['backup_instance', '--instance-id', 'web'], /not an instance id/],
    ["a tag key of AWS's", [byTag, '--tag', 'aws:mine=1'], /keys that begin with aws: are AWS's own/],
    ["a tag key of ftask's", [byTag, '--tag', 'ftask:run=1'], /keys that begin with ftask: are ftask's own/],
    ['51 tags', [byTag, ...tags], /51 tags are more than/],
    [
      'a tag value of 300 characters',
      [byTag, '--tag', `k=${'v'.repeat(300)}`],
      /the value has 300 characters/,
    ],
    ['a tag without a value', [byTag, '--tag', 'alone'], /--tag/],
    ['a device that is none', [byTag, '--exclude-device', 'sdf'], /not a device name/],
    ['how to freeze without a freeze', [byTag, '--freeze-root'], /--freeze-root is for --consistent/],
    ['a freeze of no length', [byTag, '--consistent', '--freeze-timeout', '0s'], /--freeze-timeout/],
    [
      'the mistake of the second task before the first runs',
      [byTag, byTag, '--regoin', 'eu'],
      /unknown option/,
    ],
  ];

  for (const [what, args, message] of refused) {
    test(`is refused without asking EC2: ${what}`, async () => {
      await lab.reset();
      const ended = await ftask(await emptyFolder(), [`--lab=${lab.url}`, ...args]);
      assert.equal(ended.code, 2, ended.stderr);
      assertOneClearLine(ended, message);
      assert.deepEqual((await lab.calls()).calls, []);
    });
  }

  const files: [string, string, RegExp][] = [
    ['YAML that is none', 'tag: {name: [\n', /ftask\.yaml:\d+:\d+/],
    ['a value of the wrong type', 'snapshot:\n  retries: often\n', /ftask\.yaml:2:\d+.*snapshot\.retries/],
    ['a key that does not exist', 'tags:\n  name: x\n', /ftask\.yaml:1:1.*tags/],
  ];
  for (const [what, text, message] of files) {
    test(`is refused in the configuration, with its place: ${what}`, async () => {
      await lab.reset();
      const folder = await emptyFolder();
      await writeFile(join(folder, 'ftask.yaml'), text);
      const ended = await ftask(folder, [`--lab=${lab.url}`, byTag]);
      assert.equal(ended.code, 2, ended.stderr);
      assert.match(ended.stderr, message);
      assert.deepEqual((await lab.calls()).calls, []);
    });
  }

  test('is refused without asking EC2: tags of the configuration and of options that are too many together', async () => {
    await lab.reset();
    const folder = await emptyFolder();
    const configured = Object.fromEntries(tags.slice(0, 30).map((_, index) => [`c${index}`, 'v']));
    await writeFile(join(folder, 'ftask.yaml'), JSON.stringify({backup: {tags: configured}}));
    const ended = await ftask(folder, [`--lab=${lab.url}`, byTag, ...tags.slice(0, 30)]);
    assert.equal(ended.code, 2, ended.stderr);
    assertOneClearLine(ended, /backup\.tags and --tag: 60 tags are more than/);
    assert.deepEqual((await lab.calls()).calls, []);
  });

  test('is one JSON document too, with --json', async () => {
    const {code, stdout} = await ftask(await emptyFolder(), [byTag, '--regoin', 'eu', '--json']);
    const document = JSON.parse(stdout);
    assert.equal(code, 2);
    assert.deepEqual([document.ok, document.exit], [false, 2]);
    assert.match(document.error.message, /unknown option --regoin/);
  });
});

describe('a way to EC2 that does not work', () => {
  const credentials = {
    AWS_ACCESS_KEY_ID: 'AKIATEST',
    AWS_SECRET_ACCESS_KEY: 'very-secret',
    AWS_REGION: 'eu-west-1',
  };
  let proxy: Server;
  before(async () => {
    proxy = createServer((_request, response) => {
      response.writeHead(200, {'content-type': 'text/html'});
      response.end('<html><body>Please log in</body></html>');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  });
  after(() => proxy.close());
  const wrongClock = new TestLab({...FLEET, clock: {offset_minutes: 10}});

  async function run(endpoint: string, env: NodeJS.ProcessEnv): Promise<Ended> {
    const args = ['--endpoint-url', endpoint, 'backup_instances_by_tag', '--region', 'eu'];
    const ended = await ftask(await emptyFolder(), args, env);
    assert.equal(ended.code, 1, ended.stderr);
    assert.doesNotMatch(ended.stderr + ended.stdout, /very-secret/);
    return ended;
  }

  test('no credentials: says so, and how to get some', async () => {
    const ended = await run('http://127.0.0.1:1', {AWS_REGION: 'eu-west-1'});
    assertOneClearLine(ended, /no AWS credentials/);
    assert.match(ended.stderr, /AWS_PROFILE|--lab/);
  });

  test('a closed endpoint: names it', async () => {
    assertOneClearLine(await run('http://127.0.0.1:1', credentials), /cannot reach http:\/\/127\.0\.0\.1:1/);
  });

  test("a proxy's page: says that it is not EC2", async () => {
    const {port} = proxy.address() as AddressInfo;
    assertOneClearLine(await run(`http://127.0.0.1:${port}`, credentials), /is not EC2 \(an HTML page/);
  });

  test('a clock that is 10 minutes wrong: says by how much', async () => {
    assertOneClearLine(await run(wrongClock.url, credentials), /clock is 10 minutes behind AWS's/);
  });
});

describe('a lab without machines', () => {
  test('says so when somebody logs in to its instances', async () => {
    const folder = await emptyFolder();
    const words = ['-H', '127.0.0.1:1', 'run', '--', 'true'];
    const own = await ftask(folder, ['--lab', ...words]);
    assert.equal(own.code, 1, own.stderr);
    assert.match(own.stderr, /^warning: this lab has no machines .*`ftask lab up`/m);
    assert.doesNotMatch((await ftask(folder, words)).stderr, /lab up/);
  });
});

/** How close a big trim comes to what paging and AWS's token buckets allow. */
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {measure, type Run} from './measure.ts';
import {report} from './report.ts';
import {MAIN, type ServedLab, serveLab} from './served-lab.ts';

const PAGE_THROUGH = join(import.meta.dirname, 'page-through.ts');
const REGION = 'eu-west-1';
const VOLUMES = 1_000;
const EACH = 100;
const DELETED_EACH = 5;
const DELETED = VOLUMES * DELETED_EACH;
const SPEED = 20;
/** From "Request throttling for the Amazon EC2 API": a call for each delete. */
const SHARES = {burst: 100, perSecond: 20};
const DELETES = {burst: 100, perSecond: 5};

/** 100,000 snapshots of one region, of which 5,000 go. Returns whether all figures are within their limits. */
export async function benchTrim(): Promise<boolean> {
  const lab = await serveLab({
    ...{instances: VOLUMES, volumes: 1, speed: SPEED, regions: [REGION]},
    history: [{every: {'1d': `${EACH}d`}, made_by: 'ftask'}],
  });
  try {
    const isPlanQuick = await timePlan(lab);
    return (await timeDeletes(lab)) && isPlanQuick;
  } finally {
    await lab.stop();
  }
}

/**
 * The limit is held to what paging and the bucket take. At this speed of the clock what it costs to read a page
 * outweighs the page itself, so the same with pages that the SDK reads is shown beside it.
 */
async function timePlan(lab: ServedLab): Promise<boolean> {
  const bare = await secondsOfPaging(lab);
  const bySdk = await measure([process.execPath, '--import', 'tsx', PAGE_THROUGH, lab.url, REGION]);
  if (Number(bySdk.stdout) !== VOLUMES * EACH) throw new Error(bySdk.stderr);
  const bound = bare + secondsOf(SHARES);
  const run = await trim(lab, '--dry-run');
  report({what: '100,000 snapshots paged through, unread', value: bare, unit: 's'});
  report({what: '  read by the SDK, nothing else', value: bySdk.seconds, unit: 's'});
  report({what: `  a call for each of ${DELETED} shares`, value: secondsOf(SHARES), unit: 's'});
  report({what: 'list and plan', value: run.seconds, unit: 's'});
  report({what: '  peak memory', value: run.peakMB, unit: 'MB'});
  report({what: '  our CPU', value: run.cpuSeconds, unit: 's'});
  report({
    what: '  / the same with pages read',
    value: run.seconds / (bySdk.seconds + secondsOf(SHARES)),
    unit: '',
  });
  const missing = DELETED - idsOf(run);
  return [
    report({what: '  / bound', value: run.seconds / bound, unit: '', atMost: 1.15}),
    report({what: '  planned deletes missing', value: missing, unit: '', atMost: 0}),
  ].every(Boolean);
}

/** From the first delete to the last, by the journal: the plan before them is timed above. */
async function timeDeletes(lab: ServedLab): Promise<boolean> {
  const run = await trim(lab);
  const journal = await readFile(journalOf(lab), 'utf8');
  const times = journal
    .trimEnd()
    .split('\n')
    .map((line) => Date.parse(JSON.parse(line).time));
  const seconds = (Math.max(...times) - Math.min(...times)) / 1000 / SPEED;
  const counts = Object.values(await lab.answers()).map((codes) => codes['RequestLimitExceeded'] ?? 0);
  report({what: `${DELETED} deletes, from first to last`, value: seconds, unit: 's'});
  report({what: '  our CPU, plan included', value: run.cpuSeconds, unit: 's'});
  return [
    report({what: '  deletes missing', value: DELETED - idsOf(run), unit: '', atMost: 0}),
    report({
      what: '  part of the bucket left unused',
      value: 1 - secondsOf(DELETES) / seconds,
      unit: '',
      atMost: 0.05,
    }),
    report({what: '  throttled calls', value: counts.reduce((a, b) => a + b, 0), unit: '', atMost: 0}),
  ].every(Boolean);
}

/** Real seconds that a bucket needs for a call for each delete. */
function secondsOf({burst, perSecond}: typeof SHARES): number {
  return (DELETED - burst) / (perSecond * SPEED);
}

async function trim(lab: ServedLab, ...words: readonly string[]): Promise<Run> {
  const run = await measure(
    [
      ...[process.execPath, MAIN, `--lab=${lab.url}`, '--quiet', 'trim_snapshots', '--region', REGION],
      ...['--policy', `daily=${EACH - DELETED_EACH}`, ...words],
    ],
    {cwd: lab.folder, env: {...process.env, FTASK_JOURNAL_FILE: journalOf(lab)}},
  );
  if (run.code !== 0) throw new Error(run.stderr);
  return run;
}

function journalOf({folder}: ServedLab): string {
  return join(folder, 'journal.jsonl');
}

function idsOf({stdout}: Run): number {
  return stdout.trim().split('\n').length;
}

/** One page after the other, as quick as they come: only the mark of the next one is looked for. */
async function secondsOfPaging({url}: ServedLab): Promise<number> {
  const from = performance.now();
  let next: string | undefined = '';
  while (next !== undefined) {
    const parameters = {
      Action: 'DescribeSnapshots',
      Version: '2016-11-15',
      'Owner.1': 'self',
      MaxResults: '1000',
    };
    const body = new URLSearchParams({...parameters, ...(next !== '' && {NextToken: next})});
    const response = await fetch(url, {method: 'POST', headers: signed(), body});
    const page = await response.text();
    if (!response.ok) throw new Error(page);
    next = /<nextToken>(.+?)<\/nextToken>/.exec(page)?.[1];
  }
  return (performance.now() - from) / 1000;
}

/** As AWS wants it, with a signature that the lab does not check. */
function signed(): Record<string, string> {
  const scope = `test/20260101/${REGION}/ec2/aws4_request`;
  return {
    'x-amz-date': new Date().toISOString().replace(/[-:]|\.\d+/g, ''),
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
  };
}

/** How close 500 copies into one region come to what the quota of copies at a time allows. */
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {binOf} from '../venv.ts';
import {measure, type Run} from './measure.ts';
import {report} from './report.ts';
import {MAIN, type ServedLab, serveLab} from './served-lab.ts';

const CUSTODIAN = join(import.meta.dirname, 'custodian.py');
const [FROM, TO] = ['eu-west-1', 'us-east-1'];
const COPIES = 500;
const SPEED = 50;
/** Its waits are long, and what it costs itself is not of interest. */
const CUSTODIAN_SPEED = 100;
/** Longer than any copy of the lab takes. */
const LONGEST_COPY_S = 300;
/** "Copy an Amazon EBS snapshot", Considerations: 20 into a region at a time. */
const AT_ONCE = 20;

/** From request to completion, in seconds of EC2's clock; in order of the requests. */
interface Copy {
  readonly from: number;
  readonly to: number;
}

/** Returns whether all figures are within their limits; those of Cloud Custodian are only shown. */
export async function benchReplicate(): Promise<boolean> {
  const isOurs = await inLab(SPEED, {}, async (lab) => {
    const run = await measure([process.execPath, MAIN, `--lab=${lab.url}`, '--quiet', ...REGION_TO_REGION], {
      ...{cwd: lab.folder, env: {...process.env, FTASK_JOURNAL_FILE: join(lab.folder, 'journal.jsonl')}},
    });
    if (run.code !== 0) throw new Error(run.stderr);
    return reportOurs(await copiesIn(lab), run, await refusalsIn(lab));
  });
  // It tags each copy in a call of its own, and gives up when that is too soon.
  await inLab(CUSTODIAN_SPEED, {}, (lab) => reportCustodian(lab, 'as it is'));
  await inLab(CUSTODIAN_SPEED, {timing: {eventual_consistency_seconds: 0}}, (lab) =>
    reportCustodian(lab, 'at once consistent'),
  );
  return isOurs;
}

const REGION_TO_REGION = ['rsync_region', '--src-region-name', FROM, '--dst-region-name', TO];

function reportOurs(copies: readonly Copy[], run: Run, refusals: number): boolean {
  const ratio = spanOf(copies) / boundOf(copies);
  report({what: `${COPIES} copies, from first to last, of EC2's clock`, value: spanOf(copies), unit: 's'});
  report({what: "  whole run, of EC2's clock", value: run.seconds * SPEED, unit: 's'});
  report({what: '  our CPU', value: run.cpuSeconds, unit: 's'});
  return [
    report({what: '  / bound that the quota sets', value: ratio, unit: '', atMost: 1.05}),
    report({what: '  copies missing', value: COPIES - copies.length, unit: '', atMost: 0}),
    report({what: '  refused for the quota', value: refusals, unit: '', atMost: 0}),
  ].every(Boolean);
}

/** The same copies by Cloud Custodian's action, its waiting in the lab's time. */
async function reportCustodian(lab: ServedLab, how: string): Promise<void> {
  const policy = join(lab.folder, 'policy.yml');
  const copy = {type: 'copy', target_region: TO, encrypted: false};
  const rule = {name: 'copy', resource: 'aws.ebs-snapshot', filters: [{'tag:Earmarking': 'production'}]};
  await writeFile(policy, JSON.stringify({policies: [{...rule, actions: [copy]}]}));
  const words = [
    'run',
    '--cache-period',
    '0',
    '--region',
    FROM,
    '--output-dir',
    join(lab.folder, 'out'),
    policy,
  ];
  const keys = {AWS_ACCESS_KEY_ID: 'lab', AWS_SECRET_ACCESS_KEY: 'lab', AWS_DEFAULT_REGION: FROM};
  const run = await measure(
    [join(binOf('custodian'), 'python'), CUSTODIAN, String(CUSTODIAN_SPEED), ...words],
    {
      cwd: lab.folder,
      env: {...process.env, ...keys, AWS_ENDPOINT_URL: lab.url},
    },
  );
  await delay((LONGEST_COPY_S * 1000) / CUSTODIAN_SPEED); // It does not wait for its last ones.
  const copies = await copiesIn(lab);
  report({what: `Cloud Custodian, EC2 ${how}: copies that arrive`, value: copies.length, unit: ''});
  report({what: '  its exit code', value: run.code ?? Number.NaN, unit: ''});
  report({what: "  from first to last, of EC2's clock", value: spanOf(copies), unit: 's'});
  report({what: '  refused for the quota', value: await refusalsIn(lab), unit: ''});
}

async function inLab<Result>(
  speed: number,
  more: object,
  work: (lab: ServedLab) => Promise<Result>,
): Promise<Result> {
  const lab = await serveLab({
    ...{instances: COPIES, volumes: 1, speed, regions: [FROM], lab: more},
    history: [{every: {'1d': '1d'}, made_by: 'ftask'}],
  });
  return work(lab).finally(() => lab.stop());
}

async function copiesIn({url}: ServedLab): Promise<Copy[]> {
  const state = (await (await fetch(`${url}/_lab/state`)).json()) as {
    snapshots: {Region: string; StartTime: string; CompletionTime?: string}[];
  };
  return state.snapshots
    .flatMap(({Region, StartTime, CompletionTime}) => {
      if (Region !== TO || CompletionTime === undefined) return [];
      return [{from: Date.parse(StartTime) / 1000, to: Date.parse(CompletionTime) / 1000}];
    })
    .sort((a, b) => a.from - b.from);
}

async function refusalsIn(lab: ServedLab): Promise<number> {
  return (await lab.answers())['CopySnapshot']?.['ResourceLimitExceeded'] ?? 0;
}

function spanOf(copies: readonly Copy[]): number {
  return Math.max(...copies.map(({to}) => to)) - Math.min(...copies.map(({from}) => from));
}

/** As long as the same copies take in the same order, when each begins at the moment at which another makes room. */
function boundOf(copies: readonly Copy[]): number {
  const busy = Array.from({length: AT_ONCE}, () => 0);
  for (const {from, to} of copies) busy[busy.indexOf(Math.min(...busy))] = Math.min(...busy) + to - from;
  return Math.max(...busy);
}

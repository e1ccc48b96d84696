/** Whatever cuts a consistent backup off at whatever moment: the host goes on writing in time, and no tag says too much. */
import assert from 'node:assert/strict';
import type {ChildProcess} from 'node:child_process';
import {before, describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {noHardware} from '../../lab/hardware/lab-up.ts';
import {type Ended, start} from '../ftask.ts';
import {type LabSnapshot, tagOf} from '../lab.ts';
import {KINDS, type Moment, moments} from './dead-man/moments.ts';
import {type Outside, outsideOf} from './dead-man/outside.ts';
import {type Gap, type Pulse, startPulse} from './dead-man/pulse.ts';
import {CALL_MS, type LabInstance, type SlowLab, slowLab} from './dead-man/slow-lab.ts';

/** 200 are the whole of it. */
const MOMENTS = Number(process.env['FTASK_TEST_MOMENTS'] ?? 40);
const SEED = Number(process.env['FTASK_TEST_SEED'] ?? Date.now() % 1_000_000);

const TIMEOUT_MS = 2000;
const LATEST_MS = TIMEOUT_MS + 1000;
const GONE_MS = TIMEOUT_MS + 2000;
const HANG_MS = 60_000;
/** Shorter ones may be nothing but a machine full of work. */
const FREEZE_MS = 100;

/** An instance, and what it is watched with. */
interface Lane {
  readonly region: string;
  readonly freezeRoot: boolean;
  readonly outside: Outside;
  readonly pulse: Pulse;
}

interface Seen {
  readonly moment: Moment;
  /** The longest time that could not be written. */
  readonly longestMs: number;
  readonly wasFrozen: boolean;
  readonly ended: Ended;
  readonly snapshots: readonly LabSnapshot[];
}

describe('a consistent backup that is cut off', {skip: noHardware}, () => {
  let lab: SlowLab;
  let lanes: readonly Lane[];
  /** Of a backup that nothing happens to. */
  let runMs: number;
  before(async () => {
    lab = await slowLab();
    lanes = await Promise.all(lab.instances.map(openLane));
    const startedAt = performance.now();
    for (const lane of lanes.slice(0, 2)) {
      const {code, stderr} = await backUp(lane).ended;
      assert.equal(code, 0, stderr);
    }
    runMs = (performance.now() - startedAt) / 2;
  });

  const openLane = async ({region, name, address}: LabInstance, index: number): Promise<Lane> => {
    const freezeRoot = index % 2 === 1;
    const outside = await outsideOf(lab, name, address);
    const folders = ['/data', '/log', ...(freezeRoot ? ['/root'] : [])];
    const pulse = await startPulse(outside, (script) => lab.ssh(name, script), folders);
    await until(async () => !(await pulse.isStill()));
    return {region, freezeRoot, outside, pulse};
  };

  const backUp = ({region, freezeRoot}: Lane) => {
    const what = `--lab backup_instance --region ${region} --tag-name Role --tag-value db --json`;
    const how = `--consistent --freeze-timeout ${TIMEOUT_MS}ms${freezeRoot ? ' --freeze-root' : ''}`;
    return start(lab.folder, `${what} ${how}`.split(' '));
  };

  /** Does it, and undoes it in the end, by when the host must have thawed. */
  const strike = async ({kind, answers}: Moment, {region, outside}: Lane, ftask: ChildProcess) => {
    const struckAt = performance.now();
    const untilGone = async () => {
      await delay(GONE_MS - (performance.now() - struckAt));
      assert.deepEqual(outside.guests(), [], `${kind}: what runs on the host`);
    };
    if (kind === 'kill -9') {
      ftask.kill('SIGKILL');
      await untilGone();
    }
    if (kind === 'SIGSTOP') {
      ftask.kill('SIGSTOP');
      await untilGone();
      ftask.kill('SIGCONT');
    }
    if (kind === 'link down') {
      await outside.link('down');
      await untilGone();
      await outside.link('up');
    }
    if (kind === 'sshd killed') outside.killSshd();
    if (kind === 'API hangs') {
      await lab.hang(region, '*', answers);
      await delay(HANG_MS);
      await lab.goOn(region);
    }
  };

  /** Nothing, if the run was over before that moment. */
  const see = async (moment: Moment, lane: Lane): Promise<Seen | undefined> => {
    const {region, pulse, outside} = lane;
    const {kind, aim, at, answers} = moment;
    const earlier = new Set((await lab.snapshots(region)).map(({SnapshotId}) => SnapshotId));
    const startedAt = Date.now();
    // The lab answers a call that it has already, so its hanging has to be there before.
    if (kind === 'API hangs' && aim === 'freeze') await lab.hang(region, 'CreateSnapshots', answers);
    const {process: ftask, ended: ending} = backUp(lane);
    let isOver = false;
    void ending.then(() => {
      isOver = true;
    });
    if (aim === 'freeze') await until(async () => isOver || (await pulse.isStill()), 5);
    await delay(at * (aim === 'freeze' ? CALL_MS : runMs));
    if (isOver) {
      await lab.goOn(region);
      const {code, stderr} = await ending;
      assert.ok(code === 0 || kind === 'API hangs', `nothing happened to it: ${stderr}`);
      return undefined;
    }
    const struckAt = Date.now();
    await strike(moment, lane, ftask);
    const ended = await ending;
    const limit = performance.now() + GONE_MS;
    const isQuiet = async () => outside.guests().length === 0 && !(await pulse.isStill());
    await until(async () => performance.now() > limit || (await isQuiet()));
    assert.deepEqual(outside.guests(), [], `${kind}: what runs on the host when ftask has ended`);
    const gaps = await pulse.gaps(startedAt);
    const freezes = gaps.filter((gap) => lengthOf(gap) > FREEZE_MS);
    return {
      moment,
      longestMs: Math.max(...gaps.map(lengthOf)),
      wasFrozen: freezes.some(({fromMs, toMs}) => fromMs < struckAt && struckAt < toMs),
      ended,
      snapshots: (await lab.snapshots(region)).filter(({SnapshotId}) => !earlier.has(SnapshotId)),
    };
  };

  test(`at ${MOMENTS} random moments lets its host write again in time, and never says frozen of what was not`, async (t) => {
    t.diagnostic(`FTASK_TEST_SEED=${SEED}`);
    const waiting = moments(MOMENTS, SEED);
    const seen: Seen[] = [];
    const snapshots = {frozen: 0, clean: 0, replay: 0};
    const follow = async (lane: Lane): Promise<void> => {
      for (let moment = waiting.shift(); moment; moment = waiting.shift()) {
        const one = await see(moment, lane);
        if (one === undefined) {
          waiting.push({...moment, at: moment.at / 2});
          continue;
        }
        seen.push(one);
        const what = `${JSON.stringify({...moment, ...lane})}\n${one.ended.stderr}`;
        assert.ok(one.longestMs <= LATEST_MS, `not written to for ${one.longestMs} ms: ${what}`);
        assertClear(one, what);
        for (const snapshot of one.snapshots) {
          const isFrozen = tagOf(snapshot, 'ftask:consistency') === 'frozen';
          const needsReplay = await lab.needsReplay(snapshot);
          assert.ok(!(isFrozen && needsReplay), `${snapshot.SnapshotId} is not frozen: ${what}`);
          snapshots.frozen += Number(isFrozen);
          snapshots[needsReplay ? 'replay' : 'clean'] += 1;
        }
      }
    };
    await Promise.all(lanes.map(follow));
    for (const kind of KINDS) t.diagnostic(figuresOf(kind, seen));
    t.diagnostic(`snapshots: ${JSON.stringify(snapshots)}`);
    assert.equal(seen.length, MOMENTS);
    // Which of them hit a freeze depends on how busy the machine is.
    assert.ok(
      seen.some(({wasFrozen}) => wasFrozen),
      'none hit a freeze',
    );
    assert.ok(snapshots.frozen > 0, 'none was frozen');
    assert.ok(snapshots.replay > 0, 'none needed a replay');
  });
});

/** One that was not killed says what became of it. */
function assertClear({moment, ended}: Seen, what: string): void {
  if (ended.signal === 'SIGKILL' && moment.kind === 'kill -9') return;
  assert.ok(ended.code === 0 || ended.code === 1 || ended.code === 3, `exit code ${ended.code}: ${what}`);
  const {ok, tasks} = JSON.parse(ended.stdout);
  assert.equal(ok, ended.code === 0, what);
  if (ended.code === 0) return;
  const [{failures, error}] = tasks;
  const message: string = failures[0]?.message ?? error?.message ?? '';
  assert.ok(message.length > 0 && ended.stderr.includes(message.split('\n')[0] ?? ''), what);
  assert.doesNotMatch(ended.stderr, /this is a bug/);
}

function figuresOf(kind: string, seen: readonly Seen[]): string {
  const own = seen.filter(({moment}) => moment.kind === kind);
  const frozen = own.filter(({wasFrozen}) => wasFrozen).length;
  const longest = Math.max(...own.map(({longestMs}) => longestMs));
  const ends = [0, 1, 3].map((code) => `${own.filter(({ended}) => ended.code === code).length} with ${code}`);
  return `${kind}: ${own.length} times, ${frozen} in a freeze; not written to for ${Math.round(longest)} ms at most; ended ${ends.join(', ')}`;
}

function lengthOf({fromMs, toMs}: Gap): number {
  return toMs - fromMs;
}

/** Waits for what will become true; the test's own time limit ends a wait that is in vain. */
async function until(isSo: () => Promise<boolean>, everyMs = 20): Promise<void> {
  while (!(await isSo())) await delay(everyMs);
}

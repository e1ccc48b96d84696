/** Whatever happens to a replication: no replica differs from its source, nothing is left, and the next run completes it. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {noHardware} from '../../lab/hardware/lab-up.ts';
import {type LabSnapshot, tagOf} from '../lab.ts';
import {isSameBlocks, treeDifferences} from './compare.ts';
import {type Accident, accidents, sooner} from './faults/accidents.ts';
import {EXPIRY_SECONDS, isMet, type Lane, replicate, replicateUnder, type Struck} from './faults/lane.ts';
import {
  FILESYSTEMS,
  type Filesystem,
  METHODS,
  type Method,
  replicationScene,
  type Scene,
  TIMES,
} from './scene.ts';

/** 300 are the whole of it. */
const FAULTS = Number(process.env['FTASK_TEST_FAULTS'] ?? 6);
const SEED = Number(process.env['FTASK_TEST_SEED'] ?? Date.now() % 1_000_000);

const FROM = ['eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-north-1', 'eu-south-1', 'eu-central-2'];
const TO = ['us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'sa-east-1', 'ap-south-1'];
const LANES: readonly Lane[] = FROM.map((from, index) => ({from, to: TO[index] ?? ''}));
/** One that never hits a moment that it is to hit is let go. */
const TRIES = 3;
const SMALL_FILES = 100;

type Sources = Readonly<Record<Filesystem, string>>;

interface Round {
  readonly lane: Lane;
  readonly accident: Accident;
  readonly sources: Sources;
  readonly struck: Struck;
}

describe('a replication that something happens to', {skip: noHardware}, () => {
  let scene: Scene;
  let quiet: ReadonlyMap<string, readonly string[]>;
  /** Of a replication that nothing happens to. */
  const runMs = new Map<Method, number>();
  /** What is known of each source, and which replicas are equal to theirs. */
  const filesystems = new Map<string, Filesystem>();
  const equal = new Set<string>();
  let changes = SEED;

  before(async () => {
    const links = LANES.map(({from, to}) => ({between: [from, to], delay: '2ms', bandwidth: '100Mbit'}));
    scene = await replicationScene({sources: FROM, targets: [], others: TO, lab: {links}});
    await Promise.all(FROM.map((from) => scene.plant(from, SMALL_FILES)));
    quiet = await inventories();
    for (const method of METHODS) {
      const sources = await changeAll();
      const startedAt = performance.now();
      await completeAll(LANES.map((lane, index) => ({lane, method, sources: sources[index] as Sources})));
      runMs.set(method, performance.now() - startedAt);
    }
  });

  const inventories = async () => {
    const regions = [...FROM, ...TO];
    const all = await Promise.all(regions.map((region) => scene.inventory(region)));
    return new Map(regions.map((region, index) => [region, all[index] ?? []]));
  };

  /** Gives every lane something to do. */
  const changeAll = async (): Promise<readonly Sources[]> => {
    changes += 1;
    await Promise.all(FROM.map((from) => scene.change(from, changes)));
    const all = await Promise.all(FROM.map((from) => scene.backUp(from)));
    for (const sources of all) for (const each of FILESYSTEMS) filesystems.set(sources[each], each);
    return all;
  };

  /** Whatever says that it is a replica, and is complete, is equal to its source. */
  const checkReplicas = async ({to}: Lane, what: string): Promise<readonly LabSnapshot[]> => {
    const completed = (await scene.replicas(to)).filter(({State}) => State === 'completed');
    for (const replica of completed.filter(({SnapshotId}) => !equal.has(SnapshotId))) {
      const source = tagOf(replica, 'ftask:source-snapshot') ?? '';
      const filesystem = filesystems.get(source);
      assert.ok(filesystem, `${replica.SnapshotId} is of ${source}: ${what}`);
      if (!(await isSameBlocks(scene, source, replica.SnapshotId))) {
        const differences = await treeDifferences(scene, filesystem, source, replica.SnapshotId);
        assert.deepEqual(differences, [], `${replica.SnapshotId} is not its source ${source}: ${what}`);
      }
      equal.add(replica.SnapshotId);
    }
    return completed;
  };

  const checkComplete = async (lane: Lane, sources: Sources, what: string) => {
    const completed = await checkReplicas(lane, what);
    for (const source of Object.values(sources)) {
      const own = completed.filter((each) => tagOf(each, 'ftask:source-snapshot') === source);
      assert.equal(own.length, 1, `replicas of ${source}: ${what}`);
    }
  };

  const completeAll = async (
    all: readonly {
      readonly lane: Lane;
      readonly method: Method;
      readonly sources: Sources;
      readonly what?: string;
    }[],
  ) => {
    await Promise.all(
      all.map(async ({lane, method, sources, what = method}) => {
        const {code, stderr} = await replicate(scene, lane, method).ended;
        assert.equal(code, 0, `the next run: ${what}\n${stderr}`);
        await checkComplete(lane, sources, `after the next run: ${what}`);
      }),
    );
  };

  const cleanUp = async (what: string) => {
    const {code, stderr} = await scene.ftask('cleanup');
    assert.equal(code, 0, `${what}\n${stderr}`);
    assert.deepEqual(await inventories(), quiet, `left after cleanup: ${what}\n${stderr}`);
  };

  /** One accident a lane, all at the same time. */
  const strikeAll = async (batch: readonly Accident[]): Promise<readonly Round[]> => {
    const sources = await changeAll();
    const lanes = batch.map((accident, index) => ({accident, lane: LANES[index] as Lane}));
    const rules = lanes.flatMap(({accident: {fault, side}, lane: {from, to}}) =>
      fault ? [{...fault, region: side === 'source' ? from : to}] : [],
    );
    await scene.faults(rules);
    const rounds = await Promise.all(
      lanes.map(async ({lane, accident}, index) => {
        const limit = runMs.get(accident.method) ?? 0;
        const struck = await replicateUnder(scene, lane, accident, limit).catch((error: Error) =>
          assert.fail(`${error.message}: ${told({accident, lane})}`),
        );
        return {lane, accident, struck, sources: sources[index] as Sources};
      }),
    );
    const calls = await scene.calls();
    await scene.faults([]);
    return rounds.map((round) => {
      const wasStruck = round.struck.wasStruck || isMet(round.accident, round.lane, calls);
      return {...round, struck: {...round.struck, wasStruck}};
    });
  };

  const checkBatch = async (rounds: readonly Round[]) => {
    for (const {struck, ...round} of rounds) {
      const what = `${told(round)}\n${struck.stderr}`;
      assertClear(struck, what);
      await checkReplicas(round.lane, what);
      if (struck.code === 0) await checkComplete(round.lane, round.sources, what);
    }
    await delay((EXPIRY_SECONDS * 1000) / TIMES.clock.speed + 500);
    const what = rounds.map((round) => `${told(round)}\n${round.struck.stderr}`).join('\n');
    const next = () =>
      completeAll(rounds.map((round) => ({...round, method: round.accident.method, what: told(round)})));
    const isCleanedFirst = rounds[0]?.accident.isCleanedFirst === true;
    if (isCleanedFirst) await cleanUp(what);
    await next();
    if (!isCleanedFirst) await cleanUp(what);
    assert.deepEqual(await inventories(), quiet, `left after the next run: ${what}`);
  };

  test(`${FAULTS} times leaves no replica that differs and no thing that is temporary, and is completed by the next`, async (t) => {
    t.diagnostic(`FTASK_TEST_SEED=${SEED}`);
    const waiting = accidents(FAULTS, SEED, METHODS).map((accident) => ({accident, tries: 1}));
    const seen: Round[] = [];
    while (waiting.length > 0) {
      const batch = waiting.splice(0, LANES.length);
      const rounds = await strikeAll(batch.map(({accident}) => accident));
      await checkBatch(rounds);
      for (const [index, round] of rounds.entries()) {
        const tries = batch[index]?.tries ?? 0;
        const {accident, struck} = round;
        if (struck.wasStruck || tries === TRIES) seen.push(round);
        else waiting.push({accident: sooner(accident), tries: tries + 1});
      }
    }
    for (const line of figures(seen)) t.diagnostic(line);
    assert.equal(seen.length, FAULTS);
    assert.ok(seen.some(({struck}) => struck.code !== 0));
  });
});

function told({accident, lane}: Pick<Round, 'accident' | 'lane'>): string {
  return `FTASK_TEST_SEED=${SEED} ${lane.from} to ${lane.to}: ${JSON.stringify(accident)}`;
}

/** One that was not killed says what became of it; a signal that comes before it listens for it kills, too. */
function assertClear({code, signal, stdout, stderr}: Struck, what: string): void {
  if (signal !== null) return;
  assert.ok([0, 1, 3, 130].includes(code ?? -1), `exit code ${code}: ${what}`);
  assert.doesNotMatch(stderr, /this is a bug/, what);
  const {ok, tasks} = JSON.parse(stdout);
  assert.equal(ok, code === 0, what);
  if (code === 0 || code === 130) return;
  const [{failures, error}] = tasks;
  assert.ok((failures?.[0]?.message ?? error?.message ?? '').length > 0, what);
}

/** How often what happened, and how it ended. */
function figures(rounds: readonly Round[]): string[] {
  const counts = new Map<string, Map<string, number>>();
  for (const {accident, struck} of rounds) {
    const kind = `${accident.method}, ${accident.kind}`;
    const end = struck.wasStruck ? `${struck.code ?? struck.signal}` : 'missed';
    const ends = counts.get(kind) ?? new Map<string, number>();
    counts.set(kind, ends.set(end, (ends.get(end) ?? 0) + 1));
  }
  return [...counts].sort().map(([kind, ends]) => {
    const all = [...ends].sort().map(([end, count]) => `${count} with ${end}`);
    return `${kind}: ${all.join(', ')}`;
  });
}

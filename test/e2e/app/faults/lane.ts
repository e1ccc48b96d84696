/** A site on a host of its own, to which one accident after the other happens; all that has to be true after each. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {mkdir, readdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {limitRoom} from '../../../app/host/accidents.ts';
import {startHost, type TestHost} from '../../../app/host/host.ts';
import {installPostgres} from '../../../app/host/postgres.ts';
import {markSite, marksOf, troubles} from '../../../app/restore/marks.ts';
import {type Recording, record} from '../../../app/site/record.ts';
import {makeSite, type Site} from '../../../app/site/site.ts';
import type {Ended} from '../../ftask.ts';
import type {HostsHome} from '../../hosts/home.ts';
import {appHome} from '../home.ts';
import {type Accident, isDamage, PLACES, type Struck, type Task} from './accidents.ts';
import {damagedCopy, type Whole} from './damage.ts';
import {holdAt, installStandIns} from './stand-ins.ts';
import {type Met, strike} from './strike.ts';

const run = promisify(execFile);

const ROOT = '/opt/backups/fastdeploy';

export interface Lane {
  /** Lets it happen and proves what has to be true then. @throws AssertionError */
  undergo(accident: Accident): Promise<Met>;
}

/** Makes it, with a backup of it, and counts what each task calls. */
export async function openLane(): Promise<Lane> {
  const site = await siteWithLittleRoom();
  const {host} = site;
  const home = await appHome([host], {}, ['ServerAliveInterval 2', 'ServerAliveCountMax 2']);
  const lane = new SiteLane(site, home);
  await installStandIns(host);
  await lane.prepare();
  return lane;
}

/** The folders of `PLACES` are filesystems of their own, which can be filled. */
async function siteWithLittleRoom(): Promise<Site> {
  const host = await startHost();
  for (const place of PLACES) await giveItsOwnRoom(host, place);
  // A host learns soon that its client is gone.
  await host.sh(
    `printf 'ClientAliveInterval 2\\nClientAliveCountMax 2\\n' >>/etc/ssh/sshd_config; systemctl restart ssh`,
  );
  const postgres = await installPostgres(host, ["max_wal_size = '64MB'"]);
  return makeSite(host, postgres, {databaseMiB: 4});
}

async function giveItsOwnRoom(host: TestHost, place: string): Promise<void> {
  await host.sh(`mkdir -p ${place}; cp -a ${place} /var/tmp/kept`);
  await limitRoom(host, place, 320);
  await host.sh(`cp -a /var/tmp/kept/. ${place}; rm -r /var/tmp/kept`);
}

class SiteLane implements Lane {
  readonly #site: Site;
  readonly #home: HostsHome;
  readonly #calls = new Map<Task, number>();
  #whole: Whole = {folder: '', archive: '', file: ''};
  #recording: Recording | undefined;

  constructor(site: Site, home: HostsHome) {
    this.#site = site;
    this.#home = home;
  }

  async prepare(): Promise<void> {
    const {host} = this.#site;
    const row = rowOf(await this.#succeeds(this.#backup(), 'the first backup'));
    this.#whole = {folder: row.snapshot, archive: row.archive, file: row.file};
    await host.sh('systemctl stop fastdeploy');
    this.#recording = await record(this.#site);
    await host.sh('systemctl start fastdeploy');
    for (const task of ['backup', 'verify', 'restore'] as const) {
      const hold = await holdAt(host, 1_000_000);
      await this.#succeeds(this.#words(task, 'latest'), `${task} to which nothing happens`);
      this.#calls.set(task, await hold.calls());
      await hold.release();
    }
    await this.#tidyUp();
  }

  async undergo(accident: Accident): Promise<Met> {
    const {task, kind} = accident;
    if (task === 'restore') await markSite(this.#site);
    const met = isDamage(kind)
      ? await this.#withDamage({...accident, kind})
      : await this.#struck({...accident, kind});
    await this.#dropOld(met.ended);
    const what = `${JSON.stringify(accident)} at ${met.at}\n${told(met.ended)}`;
    assertClear(met.ended, what);
    await this.#settled(what);
    await this.#checkData(what);
    if (task === 'backup') await this.#checkBackups(met.ended, what);
    if (task === 'verify') await this.#checkUntouched(met.ended, what);
    if (task === 'restore') await this.#checkRestore(met.ended, what);
    await this.#succeeds(this.#words(task, this.#whole.folder), `the next ${task} after ${what}`);
    assert.deepEqual(await troubles(this.#site, ROOT), [], `after the next ${task}: ${what}`);
    // What a file was restored as is told by the other tools.
    if (task === 'restore')
      assert.deepEqual(await this.#recording?.differences(), [], `after the next restore: ${what}`);
    await this.#tidyUp();
    return met;
  }

  #withDamage(accident: Parameters<typeof damagedCopy>[3]): Promise<Met> {
    const {host} = this.#site;
    return damagedCopy(host, this.#whole, this.#home.folder, accident).then(async (from) => {
      const words = this.#words(accident.task, from, accident.hasSafety);
      return {at: accident.from, ended: await this.#home.run(...words)};
    });
  }

  #struck(accident: Accident & {readonly kind: Struck}): Promise<Met> {
    const {task, at, hasSafety, from} = accident;
    const call = 1 + Math.floor(at * (this.#calls.get(task) ?? 0));
    const words = this.#words(task, this.#whole[from], hasSafety);
    return strike({host: this.#site.host, root: ROOT}, accident, call, () => this.#home.start(...words));
  }

  #words(task: Task, from: string, hasSafety = false): string[] {
    if (task === 'backup') return this.#backup();
    if (task === 'verify')
      return ['-H', 'web1', '--json', 'app_verify', '--app', 'fastdeploy', '--from', from];
    const safety = hasSafety ? '--safety-backup' : '--no-safety-backup';
    return ['-H', 'web1', '--json', '--yes', 'fastdeploy_restore', '--from', from, safety];
  }

  #backup(): string[] {
    return ['-H', 'web1', '--json', 'fastdeploy_backup', '--include-workspace', '--local-dir', this.#local];
  }

  get #local(): string {
    return join(this.#home.folder, 'backups');
  }

  async #succeeds(words: readonly string[], what: string): Promise<Ended> {
    const ended = await this.#home.run(...words);
    assert.equal(ended.code, 0, `${what}\n--\n${told(ended)}`);
    return ended;
  }

  /** The host learns that nobody holds its lock any more, and its script comes to its end. */
  async #settled(what: string): Promise<void> {
    const script = `for try in $(seq 1800); do flock -n ${ROOT}/.lock true && exit; sleep 0.1; done; exit 1`;
    await this.#site.host.sh(script).catch(() => assert.fail(`the lock is held for ever: ${what}`));
  }

  /** Whatever happened, the living data are there: under their name, or under one that the next step knows. */
  async #checkData(what: string): Promise<void> {
    const {postgres} = this.#site;
    const found = await postgres.sql(
      "SELECT datname FROM pg_database WHERE datname = 'fastdeploy' OR datname LIKE 'ftask_old%'",
    );
    assert.notEqual(found, '', `the data are gone: ${what}`);
  }

  /** What is left of a restore that was done is named, so that somebody can remove it. */
  async #dropOld({stderr}: Ended): Promise<void> {
    const [, left] = stderr.match(/not removed: the database (ftask_old_\w+)/) ?? [];
    if (left !== undefined) await this.#site.postgres.sql(`DROP DATABASE ${left}`);
  }

  async #checkUntouched({code, stderr}: Ended, what: string): Promise<void> {
    const {host} = this.#site;
    assert.deepEqual(await this.#recording?.differences(), [], what);
    assert.equal((await host.sh('systemctl is-active fastdeploy || true')).trim(), 'active', what);
    if (code === null || isOutOfReach(stderr)) return;
    const left = (await host.sh(`ls -A ${ROOT} | grep partial || true`)).trim();
    assert.ok(left === '' || stderr.includes('partial'), `${left} is left and not named: ${what}`);
  }

  async #checkBackups(ended: Ended, what: string): Promise<void> {
    await this.#checkUntouched(ended, what);
    const {host} = this.#site;
    await host.sh(CHECK_ALL).catch((error: Error) => assert.fail(`${error.message}: ${what}`));
    const here = await readdir(this.#local);
    for (const name of here.filter((one) => one.endsWith('.tar.gz'))) {
      assert.ok(here.includes(`${name}.sha256`), `${name} is here without a digest: ${what}`);
      await run('sha256sum', ['-c', '--quiet', `${name}.sha256`], {cwd: this.#local}).catch(() =>
        assert.fail(`${name} is here and is not whole: ${what}`),
      );
    }
    if (ended.code !== 0) return;
    const row = rowOf(ended);
    await host
      .sh(`test -f ${row.archive}
      diff -r --no-dereference /home/fastdeploy/site/services ${row.snapshot}/services
      diff -r --no-dereference /home/deploy/runners ${row.snapshot}/deploy_runners
      tail -c 512 ${row.snapshot}/database/fastdeploy.sql | grep -qx -e '-- PostgreSQL database dump complete'
      rest() { grep -v -e '"metadata.yml"' -e '"database/' -e '"path":"[a-z]*","type":"dir"' "$1/contents.jsonl"; }
      rest ${row.snapshot} >/var/tmp/is; rest ${this.#whole.folder} | diff - /var/tmp/is >&2`)
      .catch((error: Error) => assert.fail(`${error.message}: ${what}`));
    assert.ok(here.includes(row.file.slice(this.#local.length + 1)), what);
  }

  async #checkRestore(ended: Ended, what: string): Promise<void> {
    const {code, stderr} = ended;
    const saysSo = /--recover/.test(stderr);
    if (code === null || saysSo || isOutOfReach(stderr)) {
      const recovered = await this.#succeeds(
        [...this.#words('restore', 'latest'), '--recover'],
        `recovery after ${what}`,
      );
      const {result} = rowOf(recovered);
      const marks = await marksOf(this.#site);
      if (result === 'taken back') assert.equal(marks, 'marked', what);
      else assert.ok(marks === 'marked' || marks === 'as backed up', `${result}, ${marks}: ${what}`);
    } else if (code === 0) {
      assert.equal(await marksOf(this.#site), 'as backed up', what);
      assert.deepEqual(await this.#recording?.differences(), [], what);
    } else {
      const isTooLate = code === 130 && !/ failed/.test(stderr);
      assert.equal(await marksOf(this.#site), isTooLate ? 'as backed up' : 'marked', what);
    }
    const isTold = /services|is not well|does not run/.test(stderr);
    const active = (await this.#site.host.sh('systemctl is-active fastdeploy || true')).trim();
    assert.ok(active === 'active' || isTold, `the unit is ${active}, and nobody says so: ${what}`);
  }

  async #tidyUp(): Promise<void> {
    const {host} = this.#site;
    const name = this.#whole.folder.slice(ROOT.length + 1);
    await host.sh(
      `cd ${ROOT}; for one in *; do case $one in ${name} | ${name}.tar.gz*) ;; *) /usr/bin/rm -rf "$one" ;; esac; done`,
    );
    for (const one of await readdir(this.#local))
      if (!one.startsWith(`${name}.`)) await rm(join(this.#local, one));
    await mkdir(this.#local, {recursive: true});
  }
}

/** All that has its final name is whole. */
const CHECK_ALL = `cd ${ROOT}
for one in *; do
  case $one in
    *.sha256) ;;
    *.tar.gz) sha256sum -c --quiet "$one.sha256"; tar -tzf "$one" >/dev/null ;;
    *) cd "$one"
      sha256sum -c --quiet --strict manifest.sha256
      [ "$(find . -type f -printf . | wc -c)" -eq "$(($(wc -l <manifest.sha256) + 1))" ]
      cd .. ;;
  esac
done`;

interface Row {
  readonly snapshot: string;
  readonly archive: string;
  readonly file: string;
  readonly result: string;
}

function rowOf({stdout}: Ended): Row {
  return JSON.parse(stdout).tasks[0].result[0];
}

function isOutOfReach(stderr: string): boolean {
  return /out of reach|connection|Connection|lock of \S+ is lost|unreachable/.test(stderr);
}

function told({code, signal, stderr}: Ended): string {
  return `${code ?? signal}\n${stderr}`;
}

/** One that was not killed says what became of it. */
function assertClear({code, signal, stdout, stderr}: Ended, what: string): void {
  if (signal !== null) return;
  assert.ok([0, 1, 130].includes(code ?? -1), `exit code ${code}: ${what}`);
  assert.doesNotMatch(stderr, /this is a bug/, what);
  assert.equal(JSON.parse(stdout).ok, code === 0, what);
}

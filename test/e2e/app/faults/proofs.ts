/** What has to be true of an application after each run, however it ended: by other tools than ours. Each throws AssertionError. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {readdir} from 'node:fs/promises';
import {promisify} from 'node:util';
import {marksOf} from '../../../app/restore/marks.ts';
import type {Ended} from '../../ftask.ts';
import {isOutOfReach, rowOf} from './ended.ts';
import {ROOT, type Scene, succeeds, wordsFor} from './scene.ts';

const run = promisify(execFile);

/** The host learns that nobody holds its lock any more, and a script of it comes to its end. */
export async function proveEnd({site}: Scene, what: string): Promise<void> {
  const script = `for try in $(seq 1800); do flock -n ${ROOT}/.lock true && exit; sleep 0.1; done; exit 1`;
  await site.host.sh(script).catch(() => assert.fail(`the lock is held for ever: ${what}`));
}

/** The living data are there, under their name or under one that the recovery knows. */
export async function proveData({site}: Scene, what: string): Promise<void> {
  const found = await site.postgres.sql(
    "SELECT datname FROM pg_database WHERE datname = 'fastdeploy' OR datname LIKE 'ftask_old%'",
  );
  assert.notEqual(found, '', `the data are gone: ${what}`);
}

/** It lives as it did, and what is left of the run is named. */
export async function proveUntouched({site, recording}: Scene, ended: Ended, what: string): Promise<void> {
  assert.deepEqual(await recording.differences(), [], what);
  assert.equal((await site.host.sh('systemctl is-active fastdeploy || true')).trim(), 'active', what);
  if (ended.code === null || isOutOfReach(ended)) return;
  const left = (await site.host.sh(`ls -A ${ROOT} | grep partial || true`)).trim();
  assert.ok(left === '' || ended.stderr.includes('partial'), `${left} is left and not named: ${what}`);
}

/** All that has its final name is whole, there and here; and of a run that says so it is all of the site. */
export async function proveBackups(scene: Scene, ended: Ended, what: string): Promise<void> {
  const {site, local, whole} = scene;
  const holds = (script: string) =>
    site.host.sh(script).catch((error: Error) => assert.fail(`${error.message}: ${what}`));
  await holds(ARE_WHOLE);
  const here = await readdir(local);
  for (const name of here.filter((one) => one.endsWith('.tar.gz'))) {
    assert.ok(here.includes(`${name}.sha256`), `${name} is here without a digest: ${what}`);
    await run('sha256sum', ['-c', '--quiet', `${name}.sha256`], {cwd: local}).catch(() =>
      assert.fail(`${name} is here and is not whole: ${what}`),
    );
  }
  if (ended.code !== 0) return;
  const row = rowOf(ended);
  assert.ok(here.includes(row.file.slice(local.length + 1)), what);
  await holds(`test -f ${row.archive}
    diff -r --no-dereference /home/fastdeploy/site/services ${row.snapshot}/services
    diff -r --no-dereference /home/deploy/runners ${row.snapshot}/deploy_runners
    tail -c 512 ${row.snapshot}/database/fastdeploy.sql | grep -qx -e '-- PostgreSQL database dump complete'
    list() { grep -v -e '"metadata.yml"' -e '"database/' -e '"path":"[a-z]*","type":"dir"' "$1/contents.jsonl"; }
    list ${row.snapshot} >/var/tmp/is; list ${whole.folder} | diff - /var/tmp/is >&2`);
}

const ARE_WHOLE = `cd ${ROOT}
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

/** It is as in the backup or as before, whichever was said; what nobody could tell is recovered first. */
export async function proveRestore(scene: Scene, ended: Ended, what: string): Promise<void> {
  const {site, recording} = scene;
  const {code, stderr} = ended;
  if (code === null || isOutOfReach(ended) || stderr.includes('--recover')) {
    const words = [...wordsFor(scene, 'restore'), '--recover'];
    const {result} = rowOf(await succeeds(scene, words, `the recovery after ${what}`));
    const marks = await marksOf(site);
    const may = result === 'taken back' ? ['marked'] : ['marked', 'as backed up'];
    assert.ok(may.includes(marks), `${result}, ${marks}: ${what}`);
  } else if (code === 0) {
    assert.equal(await marksOf(site), 'as backed up', what);
    assert.deepEqual(await recording.differences(), [], what);
  } else {
    // Who is interrupted may be too late.
    const isDone = code === 130 && !/ failed/.test(stderr);
    assert.equal(await marksOf(site), isDone ? 'as backed up' : 'marked', what);
  }
  const active = (await site.host.sh('systemctl is-active fastdeploy || true')).trim();
  const isTold = /services|is not well|does not run/.test(stderr);
  assert.ok(active === 'active' || isTold, `the unit is ${active}, and nobody says so: ${what}`);
}

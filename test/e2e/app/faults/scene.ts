/** A site on a host whose disks are small, with a backup of it, and what ftask is told to do with them. */
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {limitRoom} from '../../../app/host/accidents.ts';
import {startHost, type TestHost} from '../../../app/host/host.ts';
import {installPostgres} from '../../../app/host/postgres.ts';
import {type Recording, record} from '../../../app/site/record.ts';
import {makeSite, type Site} from '../../../app/site/site.ts';
import type {Ended} from '../../ftask.ts';
import type {HostsHome} from '../../hosts/home.ts';
import {appHome} from '../home.ts';
import {PLACES, type Task} from './accidents.ts';
import type {Whole} from './damage.ts';
import {rowOf, told} from './ended.ts';

export const ROOT = '/opt/backups/fastdeploy';

export interface Scene {
  readonly site: Site;
  readonly home: HostsHome;
  /** The backup that the site is restored from. */
  readonly whole: Whole;
  /** Of the site as it was then. */
  readonly recording: Recording;
  /** Where archives come to on this machine. */
  readonly local: string;
}

export async function openScene(): Promise<Scene> {
  const site = await siteWithLittleRoom();
  const {host} = site;
  const home = await appHome([host], {}, ['ServerAliveInterval 2', 'ServerAliveCountMax 2']);
  const local = join(home.folder, 'backups');
  const row = rowOf(await succeeds({home}, wordsFor({local}, 'backup'), 'the first backup'));
  await host.sh('systemctl stop fastdeploy');
  const recording = await record(site);
  await host.sh('systemctl start fastdeploy');
  const whole = {folder: row.snapshot, archive: row.archive, file: row.file};
  return {site, home, local, recording, whole};
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

/** The command line of a task. */
export function wordsFor(
  {local}: Pick<Scene, 'local'>,
  task: Task,
  from = 'latest',
  hasSafety = false,
): string[] {
  const words = ['-H', 'web1', '--json', '--yes'];
  if (task === 'backup') return [...words, 'fastdeploy_backup', '--include-workspace', '--local-dir', local];
  if (task === 'verify') return [...words, 'app_verify', '--app', 'fastdeploy', '--from', from];
  const safety = hasSafety ? '--safety-backup' : '--no-safety-backup';
  return [...words, 'fastdeploy_restore', '--from', from, safety];
}

/** @throws AssertionError when it does not */
export async function succeeds(
  {home}: Pick<Scene, 'home'>,
  words: readonly string[],
  what: string,
): Promise<Ended> {
  const ended = await home.run(...words);
  assert.equal(ended.code, 0, `${what}\n--\n${told(ended)}`);
  return ended;
}

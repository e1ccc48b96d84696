/** Restores and verifications keep to themselves what is nobody else's business: files at every moment, and passwords. */
import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import {noSite, type Site, startSite} from '../../app/site/site.ts';
import {wipe} from '../../app/site/wipe.ts';
import {type Exposure, watch} from '../../app/watch.ts';
import type {Ended} from '../ftask.ts';
import type {HostsHome} from '../hosts/home.ts';
import {filesWith, type Sighting, watchProcesses} from '../hosts/secret-watch.ts';
import {appHome} from './home.ts';

/** Where nothing may ever be for others, and where what is restored has a mode of its own. */
const HIDDEN = ['/opt/backups', '/tmp', '/var/tmp'];
const LIVING = ['/etc/sudoers.d', '/etc/systemd/system', '/etc/traefik', '/home/deploy', '/home/fastdeploy'];

const config = (passwordFile: string) => `
apps:
  site:
    components:
      database: {postgres: fastdeploy, host: 127.0.0.1, password_file: ${passwordFile}, owner: fastdeploy}
      services: {tree: /home/fastdeploy/site/services}
      runners: {tree: /home/deploy/runners}
      environment: {files: [/home/fastdeploy/site/.env]}
      unit: {files: [/etc/systemd/system/fastdeploy.service]}
      router: {files: [/etc/traefik/dynamic/fastdeploy.yml]}
      rules: {files: [/etc/sudoers.d/fastdeploy_*]}
    services: [{systemd: fastdeploy.service}]
    check: psql -XAtqc 'SELECT count(*) FROM services_service'
    fetch_local: false
`;

const STAT = `import json, os, sys
modes = {path: os.lstat(os.fsencode(path)).st_mode for path in json.load(sys.stdin) if os.path.lexists(os.fsencode(path))}
print(json.dumps(modes))`;

interface Watched {
  readonly ended: Ended;
  readonly exposures: readonly Exposure[];
  readonly seen: number;
  readonly sightings: readonly Sighting[];
  readonly since: Date;
}

describe('what others never see', {skip: noSite}, () => {
  let site: Site;
  let home: HostsHome;
  let passwordFile: string;
  before(async () => {
    site = await startSite();
    home = await appHome([site.host]);
    passwordFile = join(home.folder, 'postgres-password');
    writeFileSync(passwordFile, `${site.postgres.password}\n`, {mode: 0o600});
    writeFileSync(join(home.folder, 'ftask.yaml'), config(passwordFile));
    const {code, stderr} = await home.run('-H', 'web1', 'app_backup', '--app', 'site');
    assert.equal(code, 0, stderr);
  });

  const watched = async (...task: string[]): Promise<Watched> => {
    const since = new Date();
    const there = await watch([...HIDDEN, ...LIVING], site.host);
    const here = await watch([home.folder]);
    const processes = watchProcesses(site.postgres.password);
    const ended = await home.run('-H', 'web1', '--json', '--yes', '-v', ...task);
    const sightings = await processes.end();
    const [made, own] = [await there.end(), await here.end()];
    assert.equal(ended.code, 0, ended.stderr);
    return {ended, seen: made.seen, exposures: [...made.exposures, ...own.exposures], sightings, since};
  };

  const isSilent = async ({ended, sightings, since}: Watched, program: RegExp) => {
    const secret = site.postgres.password;
    assert.ok(!`${ended.stdout}${ended.stderr}`.includes(secret));
    const inArguments = sightings.filter(({where}) => where === 'command line');
    assert.deepEqual(inArguments, []);
    // Programs of PostgreSQL have it in their environment, which only their user and root can read.
    assert.ok(sightings.some(({commandLine}) => program.test(commandLine)));
    assert.deepEqual(
      filesWith(secret, [home.folder], since).filter((one) => one !== passwordFile),
      [],
    );
    await site.host.sh(
      `! grep -rqF '${secret}' /opt/backups /tmp /var/tmp; ! journalctl -o cat | grep -qF '${secret}'`,
    );
  };

  /** Those of files and folders as they are now; rsync's temporary files have those of what they become. */
  const finalModes = async (paths: readonly string[]): Promise<Readonly<Record<string, number>>> =>
    JSON.parse(await site.host.sh(`python3 -c '${STAT}'`, {input: JSON.stringify(paths)}));
  const wider = async (exposures: readonly Exposure[]) => {
    // The temporary name of a hidden file begins with one dot, not two.
    const names = ({path}: Exposure) => {
      const [, name] = /\/\.([^/]+)\.[A-Za-z0-9]{6}$/.exec(path) ?? [];
      const folder = path.slice(0, path.lastIndexOf('/'));
      return name === undefined ? [path] : [`${folder}/${name}`, `${folder}/.${name}`, path];
    };
    const modes = await finalModes([...new Set(exposures.flatMap(names))]);
    const modeOf = (exposure: Exposure) => names(exposure).flatMap((name) => modes[name] ?? [])[0] ?? 0;
    return exposures.filter((one) => Number.parseInt(one.mode.slice(2), 8) & 0o077 & ~modeOf(one));
  };
  const isHidden = ({path}: Exposure) => HIDDEN.some((folder) => path.startsWith(`${folder}/`));

  test('is anything of a verification, at any moment', async () => {
    const row = await watched('app_verify', '--app', 'site');
    assert.ok(row.seen > 50);
    assert.deepEqual(row.exposures, []);
    await isSilent(row, /psql/);
  });

  test('is more of a restored file than it lets see in the end, at any moment, nor anything of the rest', async () => {
    await wipe(site);
    const row = await watched('app_restore', '--app', 'site');
    assert.ok(row.seen > 200);
    assert.deepEqual(row.exposures.filter(isHidden), []);
    assert.ok(
      row.exposures.some(({path}) => path.startsWith('/home/deploy/')),
      'what goes live is watched',
    );
    assert.deepEqual(await wider(row.exposures), []);
    await isSilent(row, /psql/);
  });
});

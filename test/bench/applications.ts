/** A backup of a FastDeploy site, fetched: ours beside the fastest shell that does the same by hand, in the same minute. */
import {mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {openHost, type TestHost} from '../app/host/host.ts';
import {installPostgres} from '../app/host/postgres.ts';
import {makeSite} from '../app/site/site.ts';
import {measure, median, type Run} from './measure.ts';
import {report} from './report.ts';
import {MAIN} from './served-lab.ts';

const ROUNDS = 3;
const ROOT = '/opt/backups';
/** What both may use, so that no cipher is measured. */
const CIPHER = 'aes128-gcm@openssh.com';

interface Bench {
  readonly host: TestHost;
  /** The home of whoever backs up, which archives are brought to. */
  readonly home: string;
}

interface Timed {
  readonly ours: Run;
  readonly theirs: Run;
  /** What came over the wire for ours, for each byte of the archive. */
  readonly wire: number;
}

/** 5,000 files of 2 GB and a database of 500 MB, packed by pigz and by zstd. Returns whether all is within its limits. */
export async function benchApplications(): Promise<boolean> {
  const host = await openHost();
  const home = mkdtempSync(join(tmpdir(), 'ftask-bench-'));
  try {
    const bench = {host, home};
    await prepare(bench);
    const results: boolean[] = [];
    for (const format of ['tar.gz', 'tar.zst'] as const) {
      const rounds: Timed[] = [];
      for (let round = 0; round < ROUNDS; round += 1) rounds.push(await timeBoth(bench, format));
      results.push(tell(format, rounds));
    }
    return results.every(Boolean);
  } finally {
    await host.remove();
    rmSync(home, {recursive: true, force: true});
  }
}

/** pgbench's tables take more on the disk than in a dump. */
async function prepare({host, home}: Bench): Promise<void> {
  const postgres = await installPostgres(host);
  await makeSite(host, postgres, {services: 50, files: 5000, filesMiB: 2000, databaseMiB: 310});
  const config = `${host.sshConfig()}\n  Ciphers ${CIPHER}\n`;
  writeFileSync(join(home, 'config'), config, {mode: 0o600});
  const [database = 0, files = 0, bytes = 0] = (
    await host.sh(`runuser -u postgres -- psql -Atc "SELECT pg_database_size('fastdeploy')"
    cd /home/fastdeploy/site/services; find . -type f | wc -l; du -sb . | cut -f 1; sync`)
  )
    .trim()
    .split('\n')
    .map(Number);
  report({what: 'files of the services', value: files, unit: ''});
  report({what: 'their size', value: bytes / 1e6, unit: 'MB'});
  report({what: 'the database', value: database / 1e6, unit: 'MB'});
}

async function timeBoth(bench: Bench, format: string): Promise<Timed> {
  const theirs = await byHand(bench, format);
  const before = sentBy(bench.host);
  const ours = await byFtask(bench, format);
  const sent = sentBy(bench.host) - before;
  for (const {code, stderr, stdout} of [ours, theirs]) if (code !== 0) throw new Error(stderr || stdout);
  const {file} = JSON.parse(ours.stdout).tasks[0].result[0];
  const wire = sent / statSync(file).size;
  await bench.host.sh(`rm -rf ${ROOT}/*; sync -f /opt`);
  rmSync(join(bench.home, 'here'), {recursive: true});
  return {ours, theirs, wire};
}

function byFtask({home}: Bench, format: string): Promise<Run> {
  const local = ['--local-dir', join(home, 'here/ours')];
  const words = ['-q', '--json', '-H', 'web1', 'fastdeploy_backup', '--archive-format', format, ...local];
  const env = {...process.env, HOME: home, FTASK_SSH_CONFIG_FILE: join(home, 'config'), SSH_AUTH_SOCK: ''};
  return measure([process.execPath, MAIN, ...words], {cwd: home, env});
}

/** Two cores: the dump is made beside the copy; the archive is packed, written, hashed and sent in one go. */
function byHand({home}: Bench, format: string): Promise<Run> {
  const there = `${ROOT}/by-hand`;
  const pack = format === 'tar.gz' ? 'pigz' : 'zstd -q -T0 -c';
  const script = `set -euo pipefail; umask 077
name=manual-$(date -u +%Y%m%dT%H%M%SZ); snapshot=${there}/$name; archive=$name.${format}
mkdir -p $snapshot/{database,services,deploy_runners,config,systemd,traefik,sudoers}
(cd / && runuser -u postgres -- pg_dump --clean --if-exists --no-owner fastdeploy) >$snapshot/database/fastdeploy.sql & dump=$!
rsync -rltp --chmod=D0700,F0600 /home/fastdeploy/site/services/ $snapshot/services/
rsync -rltp --chmod=D0700,F0600 /home/deploy/runners/ $snapshot/deploy_runners/ >/dev/null
cp /home/fastdeploy/site/.env $snapshot/config/fastdeploy.env
cp /etc/systemd/system/fastdeploy.service $snapshot/systemd; cp /etc/traefik/dynamic/fastdeploy.yml $snapshot/traefik
cp /etc/sudoers.d/fastdeploy_* $snapshot/sudoers
wait $dump
cd $snapshot; find . -type f -print0 | xargs -0 -P "$(nproc)" -n 24 sha256sum | sort -k 2 >../manifest; mv ../manifest manifest.sha256
cd ${there}; sync -f .
{ tar -cf - $name | ${pack} | tee $archive | tee /dev/fd/3 | sha256sum | sed "s/-$/$archive/" >$archive.sha256; } 3>&1
sync $archive $archive.sha256; cat $archive.sha256 >&2`;
  const fetch = `set -euo pipefail; umask 077; mkdir -p ${home}/here/theirs; cd ${home}/here/theirs
ssh -F ${home}/config web1 sudo bash -s <<'END' 2>sum | tee archive | sha256sum >here
${script}
END
[ "$(cut -d ' ' -f 1 here)" = "$(cut -d ' ' -f 1 sum)" ]; sync archive`;
  return measure(['bash', '-c', fetch]);
}

/** Bytes that have left a host by its wire. */
function sentBy({pid}: TestHost): number {
  const line = /^\s*eth0:(.*)$/m.exec(readFileSync(`/proc/${pid}/net/dev`, 'utf8'))?.[1] ?? '';
  return Number(line.trim().split(/\s+/)[8]);
}

function tell(format: string, rounds: readonly Timed[]): boolean {
  const ratio = median(rounds.map(({ours, theirs}) => ours.seconds / theirs.seconds));
  const peak = Math.max(...rounds.map(({ours}) => ours.peakMB));
  const wire = Math.max(...rounds.map((one) => one.wire));
  const isFast = report({what: `${format}: ours / by hand`, value: ratio, unit: '', atMost: 1.1});
  report({what: '  ours', value: median(rounds.map(({ours}) => ours.seconds)), unit: 's'});
  report({what: '  by hand', value: median(rounds.map(({theirs}) => theirs.seconds)), unit: 's'});
  const isSmall = report({what: '  our memory at most', value: peak, unit: 'MB', atMost: 120});
  const isShort = report({what: '  bytes over the wire / archive', value: wire, unit: '', atMost: 1.02});
  return isFast && isSmall && isShort;
}

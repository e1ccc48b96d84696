/** `npm run demo:fastdeploy`: a site is backed up, lost and restored, by the commands that an operator would type. */
import {openHost, type TestHost} from '../app/host/host.ts';
import {installPostgres} from '../app/host/postgres.ts';
import {record} from '../app/site/record.ts';
import {makeSite, type Site} from '../app/site/site.ts';
import {whyNoDemo} from './needs.ts';
import {type Operator, operatorOf, say} from './operator.ts';

const DATA = '/home/fastdeploy/site/services /home/fastdeploy/site/.env /home/deploy/runners';

/** Prints how the site is, in a few lines that are the same when its data is. */
const SITE_STATUS = String.raw`#!/bin/sh
rows() { runuser -u postgres -- psql -XAtc "SELECT count(*) FROM $1" fastdeploy; }
exec 2>/dev/null
echo "health    $(curl -so /dev/null -w '%{http_code}' http://127.0.0.1:9999/docs)"
if count=$(rows services_service); then
  digest=$(runuser -u postgres -- pg_dump fastdeploy | sed '/^\\\(un\)\?restrict /d' | sha256sum | cut -c 1-16)
  echo "database  $count services, $(rows deployments_deployment) deployments, digest $digest"
else
  echo 'database  none'
fi
if files=$(find ${DATA}); then
  digest=$(tar --sort=name -cf- ${DATA} | sha256sum | cut -c 1-16)
  echo "files     $(echo "$files" | wc -l), digest of contents, owners, modes $digest"
else
  echo 'files     none'
fi
`;

/** What the operator does: lines that begin with `#` are shown, the others run. */
const BACKUP = `# How the site is
ftask -H deploy1 run --sudo site-status
# A backup: database, services, runners, .env, unit, Traefik, sudo rules
ftask -H deploy1 fastdeploy_backup
# It is whole, here and on the host, and for its owner only
cd backups/fastdeploy && sha256sum -c *.sha256 && ls -l
ftask -H deploy1 run --sudo 'cd /opt/backups/fastdeploy/*Z && ls -l && sha256sum -c --quiet *.sha256 && echo whole'
# It can be restored, which is proved beside the living site
ftask -H deploy1 app_verify --app fastdeploy`;

const RESTORE = `# A disaster
ftask -H deploy1 run --sudo -- systemctl stop fastdeploy
ftask -H deploy1 run --sudo -- runuser -u postgres -- dropdb fastdeploy
ftask -H deploy1 run --sudo -- rm -r ${DATA}
ftask -H deploy1 run --sudo site-status
# What a restore would do
ftask -H deploy1 fastdeploy_restore --dry-run
# The restore
ftask -H deploy1 fastdeploy_restore --yes
# How the site is
ftask -H deploy1 run --sudo site-status`;

const why = whyNoDemo();
if (why === undefined) process.exitCode = await demonstrate();
else {
  process.stderr.write(`demo:fastdeploy ${why}\n`);
  process.exitCode = 2;
}

/** Shows it, and removes all that it has made; gives the exit code. */
async function demonstrate(): Promise<number> {
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => interruption.abort());
  // Whoever reads this may have read enough.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => interruption.abort());
  say('Starting deploy1: a host with systemd, sshd, PostgreSQL and a FastDeploy site\n');
  let host: TestHost | undefined;
  let operator: Operator | undefined;
  try {
    host = await openHost({name: 'deploy1'});
    operator = await operatorOf(host, interruption.signal);
    interruption.signal.throwIfAborted();
    const site = await Promise.race([siteOn(host), aborted(interruption.signal)]);
    await show(operator, site);
    return 0;
  } catch (error) {
    if (interruption.signal.aborted) return 130;
    process.stderr.write(`demo:fastdeploy: ${error instanceof Error ? error.message : error}\n`);
    return 1;
  } finally {
    await operator?.remove();
    await host?.remove();
    say('deploy1 is gone, and all that was made');
  }
}

async function siteOn(host: TestHost): Promise<Site> {
  await host.write('/usr/local/bin/site-status', SITE_STATUS, 'root', '0755');
  return makeSite(host, await installPostgres(host), {databaseMiB: 20});
}

async function show({type}: Operator, site: Site): Promise<void> {
  const follow = async (lines: string) => {
    for (const line of lines.split('\n')) {
      if (line.startsWith('# ')) say(line);
      else await type(line);
    }
  };
  const recording = await record(site);
  await follow(BACKUP);
  await follow(RESTORE);
  const differences = await recording.differences();
  if (differences.length > 0) throw new Error(`the site is not what it was:\n${differences.join('\n')}`);
  say('Equal, as rsync --checksum, find and pg_dump see it: data, owners, modes, times.', 'green');
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

/** A filesystem to another host: rsync_mountpoints beside rsync by hand, over the same link in the same minute. */
import {rm} from 'node:fs/promises';
import {sh} from '../../src/host/command.ts';
import {hostPair, type Pair} from '../replica/trees/pair.ts';
import {measure, median, type Run} from './measure.ts';
import {report} from './report.ts';
import {MAIN} from './served-lab.ts';

const ROUNDS = 3;
const FILES = 20_000;
const KEY = '/root/by-hand';

/** As Ireland is from Frankfurt, and as much as two cores encrypt. */
const LINK = {between: ['eu-west-1', 'eu-central-1'], delay: '12ms', bandwidth: '1Gbit'};
const data = (mount: string) => ({size: 4, filesystem: 'ext4', mount});
const FLEET = {
  clock: {speed: 1000},
  throttling: false,
  hardware: {mib_per_gib: 1024},
  regions: {
    'eu-west-1': {
      instances: {
        source: {
          volumes: {
            ...{'/dev/xvda': 1, '/dev/sdf': data('/srv/files'), '/dev/sdg': data('/srv/large')},
            '/dev/sdh': data('/srv/small'),
          },
        },
      },
    },
    'eu-central-1': {
      instances: {
        target: {volumes: {'/dev/xvda': 1, '/dev/sdf': data('/srv/ours'), '/dev/sdg': data('/srv/theirs')}},
      },
    },
  },
  links: [LINK],
};

interface Timed {
  readonly ours: Run;
  /** Of the copy alone, without the start of ftask and its logins. */
  readonly copying: number;
  readonly theirs: Run;
}

/** 20,000 files of 7.5 and of 64 KiB in the mean, one file of 2 GiB, and each again. Returns whether all are within their limits. */
export async function benchMountpoints(): Promise<boolean> {
  const pair = await hostPair(FLEET);
  try {
    await prepare(pair);
    const results: boolean[] = [];
    for (const [what, mount] of [
      ['20,000 small files', '/srv/small'],
      ['20,000 files', '/srv/files'],
      ['one file of 2 GiB', '/srv/large'],
    ] as const) {
      const [first, again]: [Timed[], Timed[]] = [[], []];
      for (let round = 0; round < ROUNDS; round += 1) {
        await pair.target.root('rm -rf /srv/ours/* /srv/theirs/*; sync -f /srv/ours; sync -f /srv/theirs');
        first.push(await timeBoth(pair, mount));
        again.push(await timeBoth(pair, mount));
      }
      results.push(tell(what, first), tell(`${what}, unchanged`, again));
    }
    return results.every(Boolean);
  } finally {
    await pair.lab.down();
    await rm(pair.lab.folder, {recursive: true});
  }
}

/** What is done by hand needs a key on the source; ours goes without. */
async function prepare({source, target}: Pair): Promise<void> {
  await source.root(`for i in $(seq ${FILES}); do
    [ $((i % 200)) != 1 ] || { folder=$((i / 200)); mkdir /srv/small/$folder /srv/files/$folder; }
    head -c $((i % 16))k /dev/urandom >/srv/small/$folder/$i
    head -c $((i % 17 * 8))k /dev/urandom >/srv/files/$folder/$i
  done
  head -c 2G /dev/urandom >/srv/large/file
  sync; ssh-keygen -q -t ed25519 -N '' -f ${KEY}`);
  const publicKey = await source.root(`cat ${KEY}.pub`);
  await target.host.run(sh`cat >>.ssh/authorized_keys`, {stdin: publicKey});
}

async function timeBoth(pair: Pair, mount: string): Promise<Timed> {
  const theirs = await byHand(pair, mount);
  const ours = await measure(
    [
      ...[process.execPath, MAIN, '-q', '--lab', '--json', 'rsync_mountpoints'],
      ...['--src-inst', 'source', '--src-mnt', mount, '--dst-inst', 'target', '--dst-mnt', '/srv/ours'],
    ],
    {cwd: pair.lab.folder},
  );
  for (const {code, stderr, stdout} of [ours, theirs]) if (code !== 0) throw new Error(stderr || stdout);
  return {ours, theirs, copying: JSON.parse(ours.stdout).tasks[0].result[0].seconds};
}

/** One who works by hand logs in to the source, and sees to it that the copy is on the disk. */
function byHand({lab, target}: Pair, mount: string): Promise<Run> {
  const ssh = `ssh -i ${KEY} -o StrictHostKeyChecking=accept-new`;
  const place = `admin@${target.machine.address}`;
  const copy = `sudo rsync -aHAX --rsync-path='sudo rsync' -e '${ssh}' ${mount}/ ${place}:/srv/theirs/`;
  const flush = `sudo ${ssh} ${place} sudo sync -f /srv/theirs`;
  return measure(['ssh', '-F', lab.sshConfig, 'source', `${copy} && ${flush}`]);
}

function tell(what: string, rounds: readonly Timed[]): boolean {
  const whole = median(rounds.map(({ours, theirs}) => ours.seconds / theirs.seconds));
  const alone = median(rounds.map(({copying, theirs}) => copying / theirs.seconds));
  const isFast = report({what: `${what}: ours / by hand`, value: whole, unit: '', atMost: 1.1});
  report({what: '  of it the copy, without our start and logins', value: alone, unit: ''});
  report({what: '  ours', value: median(rounds.map(({ours}) => ours.seconds)), unit: 's'});
  report({what: '  by hand', value: median(rounds.map(({theirs}) => theirs.seconds)), unit: 's'});
  report({what: '  our memory at most', value: Math.max(...rounds.map(({ours}) => ours.peakMB)), unit: 'MB'});
  return isFast;
}

/** What a change of 1 % of an encrypted volume costs on the wire, by the counters of the wire itself. */
import {rm} from 'node:fs/promises';
import {labUp, type UpLab} from '../lab/hardware/lab-up.ts';
import {report} from './report.ts';

const GIB = 2;
const BLOCK = 4096;
const CHANGED = Math.floor((0.01 * GIB * 1024 ** 3) / BLOCK);
/** Behind the header of LUKS. */
const FIRST = 4096;
const DEVICE = '/dev/nvme1n1';
const VOLUMES = {volumes: {'/dev/xvda': 1, '/dev/sdf': GIB}};
const FLEET = {
  hardware: {mib_per_gib: 1024},
  regions: {'eu-west-1': {instances: {data: VOLUMES, vault: VOLUMES}}},
};

/** Returns whether 1 % of the blocks, scattered or in runs, costs at most 5 % of the bytes of the full copy. */
export async function benchEncrypted(): Promise<boolean> {
  const lab = await labUp(FLEET);
  try {
    await onSource(
      lab,
      `head -c ${GIB}G /dev/urandom >${DEVICE}
cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file /etc/hostname ${DEVICE}`,
    );
    const full = await copy(lab);
    report({what: `${GIB} GiB encrypted, copied in full`, value: full.bytes / 1024 ** 2, unit: 'MiB'});
    report({what: '  seconds, both digests included', value: full.seconds, unit: 's'});
    const isOk: boolean[] = [];
    for (const [how, run] of [
      ['scattered', 1],
      ['in runs of 1 MiB', 256],
    ] as const) {
      await onSource(lab, change(run));
      const {bytes, seconds} = await copy(lab);
      report({what: `  seconds after 1 % of the blocks changed, ${how}`, value: seconds, unit: 's'});
      isOk.push(
        report({what: '    bytes / full copy', value: (100 * bytes) / full.bytes, unit: '%', atMost: 5}),
      );
    }
    return isOk.every(Boolean);
  } finally {
    await lab.down();
    await rm(lab.folder, {recursive: true});
  }
}

/** Shell that writes so many blocks in a row at places evenly spread. */
function change(run: number): string {
  const places = Math.ceil(CHANGED / run);
  const step = Math.floor(((GIB * 1024 ** 3) / BLOCK - FIRST) / places);
  return `for i in $(seq 0 ${places - 1}); do
dd if=/dev/urandom of=${DEVICE} bs=${BLOCK} count=${run} seek=$((${FIRST} + i * ${step})) conv=notrunc status=none
done`;
}

async function copy(lab: UpLab): Promise<{bytes: number; seconds: number}> {
  const from = await wireBytes(lab);
  const ends = ['--src-inst', 'data', '--src-vol', DEVICE, '--dst-inst', 'vault', '--dst-vol', DEVICE];
  const ended = await lab.ftask('rsync_mountpoints', ...ends, '--encr', '--json');
  if (ended.code !== 0) throw new Error(ended.stderr);
  const bytes = (await wireBytes(lab)) - from;
  return {bytes, seconds: JSON.parse(ended.stdout).tasks[0].result[0].seconds};
}

/** All that the source has sent and received, ssh and our own commands included. */
async function wireBytes(lab: UpLab): Promise<number> {
  const lines = (await lab.ssh('data', 'cat', '/proc/net/dev')).split('\n').slice(2);
  const counters = lines.flatMap((line) => {
    const [name = '', counts = ''] = line.split(':');
    const fields = counts.trim().split(/\s+/).map(Number);
    return name.trim() === 'lo' || name.trim() === '' ? [] : [(fields[0] ?? 0) + (fields[8] ?? 0)];
  });
  return counters.reduce((sum, count) => sum + count, 0);
}

async function onSource(lab: UpLab, script: string): Promise<void> {
  await lab.ssh('data', 'sudo', 'sh', '-c', `'${script}'`);
}

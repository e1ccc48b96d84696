/** 1 GiB there and back, beside scp with the same cipher, in memory so that no disk is measured. */
import {randomFillSync} from 'node:crypto';
import {closeSync, existsSync, mkdtempSync, openSync, rmSync, writeSync} from 'node:fs';
import {chmod, stat, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {openSshd} from '../ssh/sshd.ts';
import {plainLogin} from './login.ts';
import {measure, median, type Run} from './measure.ts';
import {report} from './report.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const MEMORY = '/dev/shm';
const MIB = 1024 * 1024;
const CIPHER = 'aes128-gcm@openssh.com';
const ROUNDS = 5;

/** Returns whether both ways are within their limits, of time and of memory. */
export async function benchTransfer(): Promise<boolean> {
  const login = await plainLogin();
  const sshd = await openSshd();
  const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'ftask-bench-'));
  try {
    await chmod(folder, 0o777);
    const sshConfig = join(sshd.folder, 'ssh_config');
    const lines = [
      'Host near',
      'HostName 127.0.0.1',
      `Port ${sshd.port}`,
      `User ${login.user}`,
      `IdentityFile ${sshd.identity}`,
      'IdentitiesOnly yes',
      `UserKnownHostsFile ${sshd.knownHosts}`,
      `Ciphers ${CIPHER}`,
    ];
    await writeFile(sshConfig, `${lines.join('\n  ')}\n`, {mode: 0o600});
    const [source, there, back] = ['source', 'there', 'back'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    fill(source, 1024);
    const env = {...process.env, HOME: sshd.folder, FTASK_SSH_CONFIG_FILE: sshConfig, SSH_AUTH_SOCK: ''};
    const ftask = (...words: string[]) =>
      measure([process.execPath, MAIN, '-q', '-H', 'near', ...words], {cwd: sshd.folder, env});
    const scp = (...words: string[]) => measure(['scp', '-q', '-F', sshConfig, ...words], {env});
    const ways = {
      put: [() => ftask('put', source, there), () => scp(source, `near:${there}`)],
      get: [() => ftask('get', there, back), () => scp(`near:${there}`, back)],
    } as const;
    let isOk = true;
    for (const [name, [ours, theirs]] of Object.entries(ways))
      isOk = (await race(name, ours, theirs)) && isOk;
    return isOk && (await stat(back)).size === 1024 * MIB;
  } finally {
    rmSync(folder, {recursive: true});
    await sshd.remove();
    await login.remove();
  }
}

async function race(name: string, ours: () => Promise<Run>, theirs: () => Promise<Run>): Promise<boolean> {
  const rounds: {ours: Run; theirs: Run}[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const pair = {ours: await ours(), theirs: await theirs()};
    for (const {code, stderr} of Object.values(pair)) if (code !== 0) throw new Error(`${name}: ${stderr}`);
    rounds.push(pair);
  }
  const ratio = median(rounds.map((pair) => pair.ours.seconds / pair.theirs.seconds));
  const peak = Math.max(...rounds.map((pair) => pair.ours.peakMB));
  const isFast = report({what: `${name} of 1 GiB / scp, ${CIPHER}`, value: ratio, unit: '', atMost: 1});
  report({what: '  ours', value: median(rounds.map((pair) => pair.ours.seconds)), unit: 's'});
  report({what: '  scp', value: median(rounds.map((pair) => pair.theirs.seconds)), unit: 's'});
  const isSmall = report({what: '  our memory at most', value: peak, unit: 'MB', atMost: 100});
  return isFast && isSmall;
}

/** Content that no compression could shorten. */
function fill(path: string, mebibytes: number): void {
  const file = openSync(path, 'w', 0o644);
  const block = randomFillSync(Buffer.alloc(MIB));
  for (let index = 0; index < mebibytes; index += 1) {
    block.writeUInt32LE(index);
    writeSync(file, block);
  }
  closeSync(file);
}

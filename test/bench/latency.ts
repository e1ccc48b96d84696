/** A second command on an open connection: beside Fabric at no delay, beside a bare channel at 50 ms. */
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {openSlowLink} from '../ssh/slow-link.ts';
import {openSshd, type TestSshd} from '../ssh/sshd.ts';
import {binOf} from '../venv.ts';
import {plainLogin} from './login.ts';
import {measure} from './measure.ts';
import {report} from './report.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const ROUND_TRIP_MS = 50;

type Server = TestSshd & {readonly user: string};

/** Returns whether both are within their limits. */
export async function benchLatency(): Promise<boolean> {
  const login = await plainLogin();
  const sshd = {...(await openSshd()), user: login.user};
  const link = await openSlowLink(sshd.port, ROUND_TRIP_MS);
  try {
    await writeFile(join(sshd.folder, 'tasks.ts'), TASKS);
    const ours = await oursMs(sshd, sshd.port, 50);
    const theirs = await fabricMs(sshd);
    const isFast = report({
      what: 'A second command / Fabric, no delay',
      value: ours / theirs,
      unit: '',
      atMost: 0.1,
    });
    report({what: '  ours', value: ours, unit: 'ms'});
    report({what: '  Fabric', value: theirs, unit: 'ms'});
    const far = await oursMs(sshd, link.port, 10);
    const bare = await bareMs(sshd, link.port);
    const what = `A second command over a bare channel, ${ROUND_TRIP_MS} ms away`;
    const isNear = report({
      what,
      value: (far - bare) / ROUND_TRIP_MS,
      unit: 'round trips',
      atMost: 1.5,
    });
    report({what: '  ours', value: far, unit: 'ms'});
    report({what: '  bare channel', value: bare, unit: 'ms'});
    return isFast && isNear;
  } finally {
    link.close();
    await sshd.remove();
    await login.remove();
  }
}

/** The median of the later commands of one run, measured in the task itself. */
const TASKS = `import {task, z} from 'ftask';

export const again = task({
  summary: 'Run true again and again.',
  options: z.object({times: z.coerce.number()}),
  run: async ({times}, ctx) => {
    const [host] = ctx.hosts;
    if (!host) return [];
    await host.run(['true']);
    const took: number[] = [];
    for (let turn = 0; turn < times; turn += 1) {
      const from = performance.now();
      await host.run(['true']);
      took.push(performance.now() - from);
    }
    return [String(took.sort((a, b) => a - b)[Math.floor(times / 2)])];
  },
});
`;

async function oursMs(sshd: Server, port: number, times: number): Promise<number> {
  const sshConfig = join(sshd.folder, `ssh_config_${port}`);
  const lines = [
    'Host near',
    'HostName 127.0.0.1',
    `Port ${port}`,
    `User ${sshd.user}`,
    `IdentityFile ${sshd.identity}`,
    'IdentitiesOnly yes',
    `UserKnownHostsFile ${sshd.knownHosts}`,
  ];
  await writeFile(sshConfig, `${lines.join('\n  ')}\n`);
  const env = {...process.env, HOME: sshd.folder, FTASK_SSH_CONFIG_FILE: sshConfig};
  const line = [process.execPath, MAIN, '-q', '-H', 'near', 'again', '--times', String(times)];
  const run = await measure(line, {cwd: sshd.folder, env});
  if (run.code !== 0) throw new Error(`ftask failed: ${run.stderr}`);
  return Number(run.stdout);
}

async function fabricMs(sshd: Server): Promise<number> {
  const script = join(sshd.folder, 'again.py');
  const connect = `{"key_filename": ${JSON.stringify(sshd.identity)}, "look_for_keys": False, "allow_agent": False}`;
  await writeFile(
    script,
    [
      'import time',
      'from fabric import Connection, Config',
      `c = Connection("127.0.0.1", user=${JSON.stringify(sshd.user)}, port=${sshd.port},`,
      `    connect_kwargs=${connect}, config=Config(overrides={"load_ssh_configs": False}))`,
      'took = []',
      'for turn in range(51):',
      '    start = time.perf_counter()',
      '    c.run("true", hide=True, in_stream=False)',
      '    took.append((time.perf_counter() - start) * 1000)',
      'print(sorted(took[1:])[25])',
    ].join('\n'),
  );
  const run = await measure([join(binOf('fabric'), 'python'), script]);
  if (run.code !== 0) throw new Error(`Fabric failed: ${run.stderr}`);
  return Number(run.stdout);
}

/** What ssh2 itself takes for `true` on a channel of an open connection. */
async function bareMs(sshd: Server, port: number): Promise<number> {
  const {Client} = (await import('ssh2')).default;
  const {readFileSync} = await import('node:fs');
  const client = new Client();
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).once('error', reject);
    const privateKey = readFileSync(sshd.identity);
    client.connect({host: '127.0.0.1', port, username: sshd.user, privateKey});
    client.setNoDelay(true);
  });
  const took: number[] = [];
  for (let turn = 0; turn < 11; turn += 1) {
    const from = performance.now();
    await new Promise<void>((resolve, reject) => {
      client.exec('true', (error, channel) => {
        if (error) return reject(error);
        channel.on('close', () => resolve()).resume();
        channel.stderr.resume();
      });
    });
    took.push(performance.now() - from);
  }
  client.end();
  return took.sort((a, b) => a - b)[5] ?? Number.NaN;
}

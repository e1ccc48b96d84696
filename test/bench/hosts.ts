/** Many hosts at once, beside Fabric, parallel-ssh, ClusterShell and Ansible: all on one real sshd. */
import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {openSshd, type TestSshd} from '../ssh/sshd.ts';
import {binOf} from '../venv.ts';
import {plainLogin} from './login.ts';
import {measure, median, type Run} from './measure.ts';
import {report} from './report.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const HUNDRED = 'h[1-100]';
const ROUNDS = 5;

interface Place {
  readonly sshd: TestSshd;
  readonly user: string;
  readonly sshConfig: string;
  readonly env: NodeJS.ProcessEnv;
}

/** 100 hosts x `true`, 1,000 hosts x `true`, 50 hosts x 5 commands, 200,000 lines. Returns whether all is within limits. */
export async function benchHosts(): Promise<boolean> {
  const login = await plainLogin();
  const sshd = await openSshd({config: ['MaxStartups 10000', 'MaxSessions 100', 'LogLevel INFO']});
  try {
    const place = await placeOf(sshd, login.user);
    const results = [await hundred(place), await thousand(place), await fifty(place), await lines(place)];
    return results.every(Boolean);
  } finally {
    await sshd.remove();
    await login.remove();
  }
}

/** `h1` to `h1000` are addresses of 127.0.0.0/8. */
async function placeOf(sshd: TestSshd, user: string): Promise<Place> {
  const names = Array.from({length: 1000}, (_, index) => index + 1);
  const hosts = names.map((n) => `Host h${n}\n  HostName 127.0.${Math.floor(n / 250)}.${(n % 250) + 1}`);
  const rest = [
    'Host *',
    `Port ${sshd.port}`,
    `User ${user}`,
    `IdentityFile ${sshd.identity}`,
    'IdentitiesOnly yes',
    `UserKnownHostsFile ${sshd.knownHosts}`,
  ];
  const sshConfig = join(sshd.folder, 'ssh_config');
  await writeFile(sshConfig, `${hosts.join('\n')}\n${rest.join('\n  ')}\n`, {mode: 0o600});
  const env = {...process.env, HOME: sshd.folder, FTASK_SSH_CONFIG_FILE: sshConfig, SSH_AUTH_SOCK: ''};
  return {sshd, user, sshConfig, env};
}

function ftask(place: Place, args: readonly string[]): Promise<Run> {
  return measure([process.execPath, MAIN, ...args], {cwd: place.sshd.folder, env: place.env});
}

async function hundred(place: Place): Promise<boolean> {
  const {sshd, user} = place;
  const addresses = Array.from({length: 100}, (_, index) => `127.0.0.${index + 2}`);
  const python = (code: string) => `hosts = ${JSON.stringify(addresses)}\n${code}`;
  await writeFile(
    join(sshd.folder, 'threading_group.py'),
    python(
      [
        'from fabric import ThreadingGroup, Config',
        `group = ThreadingGroup(*hosts, user=${JSON.stringify(user)}, port=${sshd.port},`,
        `    connect_kwargs={"key_filename": ${JSON.stringify(sshd.identity)}, "look_for_keys": False, "allow_agent": False},`,
        '    config=Config(overrides={"load_ssh_configs": False}))',
        'group.run("true", hide=True, in_stream=False)',
      ].join('\n'),
    ),
  );
  await writeFile(
    join(sshd.folder, 'parallel_ssh.py'),
    python(
      [
        'from pssh.clients import ParallelSSHClient',
        `client = ParallelSSHClient(hosts, user=${JSON.stringify(user)}, port=${sshd.port}, pkey=${JSON.stringify(sshd.identity)}, pool_size=100, allow_agent=False)`,
        'output = client.run_command("true")',
        'client.join(output)',
        'assert all(one.exit_code == 0 for one in output)',
      ].join('\n'),
    ),
  );
  await writeFile(join(sshd.folder, 'inventory'), `${addresses.join('\n')}\n`);
  const options = ansibleOptions(place);
  const fleet = binOf('fleet');
  const sshArgs = `-F ${place.sshConfig}`;
  const peers: Record<string, () => Promise<Run>> = {
    'Fabric ThreadingGroup': () =>
      measure([join(binOf('fabric'), 'python'), join(sshd.folder, 'threading_group.py')]),
    'parallel-ssh': () => measure([join(fleet, 'python'), join(sshd.folder, 'parallel_ssh.py')]),
    ClusterShell: () =>
      measure([
        ...[join(fleet, 'python'), '-m', 'ClusterShell.CLI.Clush', '-S', '-f', '100', '-o', sshArgs],
        ...['-w', addresses.join(','), 'true'],
      ]),
    'Ansible raw': () =>
      measure(
        [
          ...[join(fleet, 'python'), '-m', 'ansible', 'adhoc', 'all', '-i', join(sshd.folder, 'inventory')],
          ...['-f', '100', '-m', 'raw', '-a', 'true'],
        ],
        options,
      ),
  };
  const walls = new Map<string, number[]>();
  const ours: Run[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const run = checked(await ftask(place, ['-q', '-P', '100', '-H', HUNDRED, 'run', '--', 'true']), 'ftask');
    if (round > 0) ours.push(run);
    for (const [name, start] of Object.entries(peers)) {
      // Two cores shared with the servers: the slow ones are tried less often.
      if (round > 2 && (name === 'Ansible raw' || name === 'ClusterShell')) continue;
      const {seconds} = checked(await start(), name);
      if (round > 0) walls.set(name, [...(walls.get(name) ?? []), seconds]);
    }
  }
  const wall = median(ours.map(({seconds}) => seconds));
  const medians = [...walls].map(([name, seconds]) => [name, median(seconds)] as const);
  const best = Math.min(...medians.map(([, seconds]) => seconds));
  const isFast = report({what: '100 hosts x true / best peer', value: wall / best, unit: '', atMost: 0.9});
  report({what: '  wall, ours', value: wall, unit: 's'});
  for (const [name, seconds] of medians) report({what: `  wall, ${name}`, value: seconds, unit: 's'});
  const cpu = median(ours.map(({cpuSeconds}) => cpuSeconds)) * 10;
  return (
    report({what: '  our CPU a host, start of ftask included', value: cpu, unit: 'ms', atMost: 5}) && isFast
  );
}

async function thousand(place: Place): Promise<boolean> {
  const run = await ftask(place, ['-q', '-P', '100', '-H', 'h[1-1000]', '--json', 'run', '--', 'true']);
  const {tasks} = JSON.parse(run.stdout);
  const failures = tasks[0].failures.length;
  const isWhole = report({
    what: '1,000 hosts x true, -P 100: failures',
    value: failures,
    unit: '',
    atMost: 0,
  });
  report({what: '  wall', value: run.seconds, unit: 's'});
  report({what: '  our CPU a host', value: run.cpuSeconds, unit: 'ms'});
  return report({what: '  peak memory', value: run.peakMB, unit: 'MB', atMost: 250}) && isWhole;
}

async function fifty(place: Place): Promise<boolean> {
  const {sshd} = place;
  await writeFile(
    join(sshd.folder, 'tasks.ts'),
    [
      "import {task, z} from 'ftask';",
      'export const five = task({',
      "  summary: 'Five commands on each host.',",
      '  options: z.object({}),',
      '  run: (_options, ctx) => ctx.onEach(async (host) => {',
      "    for (let turn = 0; turn < 5; turn += 1) await host.run(['true']);",
      '  }),',
      '});',
    ].join('\n'),
  );
  const names = Array.from({length: 50}, (_, index) => `127.0.0.${index + 2}`);
  await writeFile(join(sshd.folder, 'inventory50'), `${names.join('\n')}\n`);
  const tasks = Array.from({length: 5}, () => '    - command: "true"').join('\n');
  await writeFile(
    join(sshd.folder, 'playbook.yml'),
    `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks}\n`,
  );
  const ours: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const run = checked(await ftask(place, ['-q', '-P', '50', '-H', 'h[1-50]', 'five']), 'ftask');
    if (round > 0) ours.push(run.seconds);
  }
  const playbook = checked(
    await measure(
      [
        ...[join(binOf('fleet'), 'python'), '-m', 'ansible', 'playbook', '-f', '50'],
        ...['-i', join(sshd.folder, 'inventory50'), join(sshd.folder, 'playbook.yml')],
      ],
      ansibleOptions(place, {ANSIBLE_PIPELINING: 'True'}),
    ),
    'ansible-playbook',
  );
  const wall = median(ours);
  const ratio = wall / playbook.seconds;
  const isFast = report({what: '50 hosts x 5 commands / playbook', value: ratio, unit: '', atMost: 0.1});
  report({what: '  wall, ours', value: wall, unit: 's'});
  report({what: '  wall, ansible-playbook with pipelining, 50 forks', value: playbook.seconds, unit: 's'});
  return isFast;
}

/** On a terminal, which `script` makes; the figure is the CPU of ftask itself, not of script. */
async function lines(place: Place): Promise<boolean> {
  const usage = join(place.sshd.folder, 'usage');
  const preload = join(place.sshd.folder, 'usage.mjs');
  await writeFile(
    preload,
    [
      "import {writeFileSync} from 'node:fs';",
      "process.on('exit', () => {",
      '  const {user, system} = process.cpuUsage();',
      `  writeFileSync(${JSON.stringify(usage)}, String((user + system) / 1e6));`,
      '});',
    ].join('\n'),
  );
  const results: boolean[] = [];
  for (const output of ['stream', 'fold']) {
    const line = [
      ...[process.execPath, '--import', preload, MAIN, '-P', '50', '-H', "'h[1-50]'", '--output', output],
      ...['run', '--', "'seq 4000'"],
    ].join(' ');
    const run = await measure(['script', '-qec', line, '/dev/null'], {
      cwd: place.sshd.folder,
      env: {...place.env, TERM: 'xterm-256color'},
    });
    checked(run, 'ftask on a terminal');
    const seconds = Number(await readFile(usage, 'utf8'));
    const what = `200,000 lines of 50 hosts on a terminal, --output ${output}: our CPU`;
    results.push(report({what, value: seconds, unit: 's', atMost: 2}));
    report({what: '  wall', value: run.seconds, unit: 's'});
  }
  return results.every(Boolean);
}

function ansibleOptions({sshConfig, sshd, user}: Place, more: NodeJS.ProcessEnv = {}) {
  const env = {
    ...process.env,
    ANSIBLE_REMOTE_USER: user,
    ANSIBLE_HOST_KEY_CHECKING: 'True',
    ANSIBLE_SSH_ARGS: `-F ${sshConfig} -o ControlMaster=auto -o ControlPersist=60s`,
    ANSIBLE_SSH_CONTROL_PATH_DIR: join(sshd.folder, 'cp'),
    ANSIBLE_HOME: join(sshd.folder, 'ansible'),
    ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
    ...more,
  };
  return {cwd: sshd.folder, env};
}

function checked(run: Run, who: string): Run {
  if (run.code !== 0) throw new Error(`${who} failed (${run.code}): ${run.stderr || run.stdout}`);
  return run;
}

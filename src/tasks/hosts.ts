/** `ftask hosts` */
import {z} from 'zod';
import type {Context, SshSettings, WayToHost} from '../context/context.ts';
import {noHosts} from '../fleet/work-on-each.ts';
import {flag} from '../runner/option.ts';
import {defineTask} from '../runner/task.ts';

export const hosts = defineTask({
  summary: 'Show which hosts are meant, and how they are reached.',
  description: `What -H, -R, --hosts-by-tag and --exclude come to, and what ~/.ssh/config makes of it. Nothing is
connected. --explain lists every setting with the line that it comes from, and what is not honoured.`,
  section: 'Hosts',
  options: z.object({
    explain: flag('Every setting, and where it comes from.'),
  }),
  output: {
    id: (row: HostRow | SettingRow) =>
      'setting' in row ? `${row.host} ${row.setting}=${row.value} (${row.from})` : row.host,
  },
  run: async ({explain}, context: Context): Promise<readonly (HostRow | SettingRow)[]> => {
    const {hosts, reach} = context;
    if (hosts.length === 0) throw noHosts();
    const ways = await Promise.all(hosts.map(async ({name}) => ({name, way: await reach.explain(name)})));
    return explain
      ? ways.flatMap(({name, way}) => settingRows(name, way))
      : ways.map(({name, way}) => hostRow(name, way));
  },
});

interface HostRow {
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly transport: string;
  readonly proxy: string;
  /** Of the transport. */
  readonly why: string;
  readonly identityFiles: readonly string[];
}

interface SettingRow {
  readonly host: string;
  readonly setting: string;
  readonly value: string;
  readonly from: string;
  /** Why it is not honoured, when it is not. */
  readonly note?: string;
}

function hostRow(host: string, {settings, transport, why}: WayToHost): HostRow {
  const {hostName: address, port, user, proxyJump, proxyCommand = '', identityFiles} = settings;
  return {
    host,
    address,
    port,
    user,
    transport,
    proxy: proxyJump.join(',') || proxyCommand,
    why,
    identityFiles,
  };
}

/** What a setting of ours is called in ssh_config(5), where that is more than its name in lower case. */
const KEYWORDS: Readonly<Record<string, string>> = {
  identityFiles: 'identityfile',
  connectTimeoutMs: 'connecttimeout',
  serverAliveIntervalMs: 'serveraliveinterval',
  userKnownHostsFiles: 'userknownhostsfile',
  globalKnownHostsFiles: 'globalknownhostsfile',
};

const NO_SETTINGS: readonly (keyof SshSettings)[] = [
  'alias',
  'origins',
  'ignored',
  'needsOpenSsh',
  'sshArguments',
];

function settingRows(host: string, {settings, transport, why}: WayToHost): SettingRow[] {
  const entries = Object.entries(settings).filter(([key]) => !NO_SETTINGS.some((other) => other === key));
  const rows = entries.map(([key, value]) => {
    const keyword = KEYWORDS[key] ?? key.toLowerCase();
    const shown = key.endsWith('Ms') ? Number(value) / 1000 : value;
    return {host, setting: keyword, value: textOf(shown), from: settings.origins[keyword] ?? 'default'};
  });
  const ignored = settings.ignored.map(({setting, origin, why: reason}) => {
    const [keyword = '', ...value] = setting.split(' ');
    const note = `not honoured: ${reason}`;
    return {host, setting: keyword.toLowerCase(), value: value.join(' '), from: origin, note};
  });
  return [...rows, {host, setting: 'transport', value: transport, from: why}, ...ignored];
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(' ');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}

/** `ftask shell HOST` */
import {z} from 'zod';
import type {Context} from '../context/context.ts';
import {RefusedError, UsageError} from '../errors.ts';
import {expandHosts} from '../host/selection/expand.ts';
import type {Channel} from '../host/transport.ts';
import {positional} from '../runner/option.ts';
import {ExitWith} from '../runner/outcome.ts';
import {defineTask} from '../runner/task.ts';
import type {RawTerminal, Terminal} from '../runner/terminal.ts';

/** The user's own shell as a login shell, whichever it is. */
const LOGIN_SHELL = 'exec "$SHELL" -l';

export const shell = defineTask({
  summary: 'Open a shell on a host.',
  description: 'Your login shell there, on your terminal. Its exit code is that of ftask.',
  section: 'Hosts',
  options: z.object({
    host: positional(
      z.string().optional().describe('The host; the one of -H by default.').meta({names: 'hosts'}),
      'HOST',
    ),
  }),
  run: async ({host}, context: Context): Promise<undefined> => {
    const name = theHost(host, context);
    const {terminal, signal} = context;
    if (context.dryRun)
      throw new RefusedError('DryRun', 'nobody knows what a shell changes: not in a dry run');
    if (!terminal) {
      throw new UsageError('NoTerminal', 'a shell needs a terminal', {
        hint: `ftask -H ${name} run -- COMMAND`,
      });
    }
    const transport = await context.reach.transport(name);
    const pty = {...terminal.size(), term: terminal.type};
    const channel = await transport.open(LOGIN_SHELL, {pty, signal});
    const code = await connect(channel, terminal, signal);
    throw new ExitWith(code, '');
  },
});

function theHost(wanted: string | undefined, {hosts}: Context): string {
  const names = wanted === undefined ? hosts.map(({name}) => name) : expandHosts(wanted);
  const [only, second] = names;
  if (only === undefined) throw new UsageError('NoHosts', 'no host is named', {hint: 'ftask shell HOST'});
  if (second !== undefined)
    throw new UsageError('ManyHosts', `a shell is for one host, not for ${names.length}`);
  return only;
}

/** Joins both until the shell has ended; returns its exit code. */
async function connect(channel: Channel, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const raw = await terminal.raw();
  const stopResizing = terminal.onResize(() => channel.resize(terminal.size()));
  const hangUp = () => channel.abandon();
  signal.addEventListener('abort', hangUp, {once: true});
  try {
    raw.input.pipe(channel.stdin);
    await show(channel, raw);
    const {code} = await channel.exit;
    return code ?? 1;
  } finally {
    raw.input.unpipe(channel.stdin);
    signal.removeEventListener('abort', hangUp);
    stopResizing();
    channel.abandon();
    raw.restore();
  }
}

async function show({stdout, stderr}: Channel, raw: RawTerminal): Promise<void> {
  stderr.resume();
  for await (const bytes of stdout) await raw.write(bytes);
}

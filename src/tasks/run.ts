/** `ftask run -- COMMAND` */
import {z} from 'zod';
import type {Context} from '../context/context.ts';
import {type HostRun, runOnHosts} from '../fleet/run-on-hosts.ts';
import {argv, type Command, shellText} from '../host/command.ts';
import {flag, keyValues, switchOrText, words} from '../runner/option.ts';
import {defineTask} from '../runner/task.ts';

export const run = defineTask({
  summary: 'Run a command on hosts.',
  description: `One word is a piece of shell:

  ftask -H web1,web2 run -- 'uptime | cut -c1-20'

Several words are a program and its arguments, which reach it exactly as they are.

The output of one host is passed on as it comes, and its exit code is that of ftask. Of many hosts a terminal shows a
block for each different output, a pipe every line at once behind the name of its host; --output stream|fold|json
chooses, --outdir keeps it in files.`,
  section: 'Hosts',
  options: z.object({
    command: words('COMMAND', 'The command; what follows -- is all its own.'),
    sudo: switchOrText('Run as root, or as another user.', 'USER'),
    cwd: z.string().min(1).optional().describe('The folder it runs in.').meta({placeholder: 'DIR'}),
    env: keyValues('Set a variable for it.'),
    stdin: flag('Give it what is piped into ftask.'),
    pty: flag('Give it a terminal.'),
    reads: flag('It changes nothing: run it in a dry run, too.'),
  }),
  output: {
    id: ({host}: HostRun) => host,
    columns: ['host', 'code', 'signal', 'seconds'],
    ownText: true,
  },
  run: async ({command, ...manner}, context: Context) => {
    const {sudo, cwd, env, stdin, pty, reads} = manner;
    const wanted = commandOf(command).with({env, pty, reads, ...(sudo && {sudo}), ...(cwd && {cwd})});
    return runOnHosts(context, wanted, stdin ? context.stdin() : undefined);
  },
});

function commandOf([first = '', ...rest]: readonly string[]): Command {
  return rest.length === 0 ? shellText(first) : argv(first, ...rest);
}

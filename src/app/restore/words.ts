/** What a command on a host prints, cut into words, however much it is. */
import type {Command} from '../../host/command.ts';
import {CommandFailed} from '../../host/failures.ts';
import type {Host} from '../../host/host.ts';
import {Secret} from '../../secret.ts';

/** So much is kept of what it says on stderr. */
const SAID_CHARACTERS = 4096;

/** What ends with `end` each, one character a byte; a `Secret` is its whole input. @throws what `Host.stream` throws, at the end of the words */
export async function* wordsOf(host: Host, command: Command, end: '\0' | '\n'): AsyncGenerator<string> {
  const running = await host.stream(command);
  let said = '';
  running.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-SAID_CHARACTERS);
  });
  const {stdin} = command;
  running.stdin.end(stdin instanceof Secret ? stdin.reveal() : undefined);
  let rest = '';
  for await (const chunk of running.stdout.setEncoding('latin1')) {
    const words = `${rest}${chunk}`.split(end);
    rest = words.pop() ?? '';
    yield* words;
  }
  await running.result.catch((error: unknown) => {
    const isSilent = error instanceof CommandFailed && error.code === 'CommandFailed';
    throw isSilent ? new CommandFailed({...error.result, stderr: said}) : error;
  });
}

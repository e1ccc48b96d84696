/** What a command on a host prints. */
import type {Readable} from 'node:stream';
import type {Command} from '../host/command.ts';
import {CommandFailed} from '../host/failures.ts';
import type {Host} from '../host/host.ts';
import {Secret} from '../secret.ts';

const LAST_CHARACTERS = 4096;

/**
 * What ends with `end` each, one character a byte, however much it is; a `Secret` is the command's whole input.
 * @throws what `Host.stream` throws, at the end of the words
 */
export async function* wordsOf(host: Host, command: Command, end: '\0' | '\n'): AsyncGenerator<string> {
  const running = await host.stream(command);
  const said = lastOf(running.stderr);
  const {stdin} = command;
  running.stdin.end(stdin instanceof Secret ? stdin.reveal() : undefined);
  let rest = '';
  for await (const chunk of running.stdout.setEncoding('latin1')) {
    const words = `${rest}${chunk}`.split(end);
    rest = words.pop() ?? '';
    yield* words;
  }
  await running.result.catch(async (error: unknown) => {
    const isSilent = error instanceof CommandFailed && error.code === 'CommandFailed';
    throw isSilent ? new CommandFailed({...error.result, stderr: await said}) : error;
  });
}

/** The last of what is said on a stream, when it has ended. Never rejects. */
export async function lastOf(stream: Readable): Promise<string> {
  let text = '';
  try {
    for await (const piece of stream.setEncoding('utf8')) text = `${text}${piece}`.slice(-LAST_CHARACTERS);
  } catch {
    // That the connection is lost is told by the command's end.
  }
  return text;
}

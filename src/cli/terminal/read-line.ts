/** One line typed on a terminal, as a secret or in sight. */
import {StringDecoder} from 'node:string_decoder';
import type {TerminalDevice} from '../world.ts';

export interface LineWish {
  readonly question: string;
  /** Whether what is typed may be seen. */
  readonly isEchoed: boolean;
  readonly signal: AbortSignal;
}

/** How a line ended; `interrupted` is Ctrl-C, `closed` is Ctrl-D on an empty line or a terminal that is gone. */
export type TypedLine = {readonly text: string} | 'interrupted' | 'closed';

/** Asks and reads one line. The terminal is as it was when this settles. Rejects with the signal's reason. */
export async function readLine(device: TerminalDevice, wish: LineWish): Promise<TypedLine> {
  const {question, isEchoed, signal} = wish;
  signal.throwIfAborted();
  device.setRaw(true);
  try {
    device.write(question);
    return await typedLine(device, isEchoed ? (text) => device.write(text) : () => {}, signal);
  } finally {
    device.setRaw(false);
    device.write('\n');
  }
}

const ERASE = '\b \b';

function typedLine(
  {input}: TerminalDevice,
  echo: (text: string) => void,
  signal: AbortSignal,
): Promise<TypedLine> {
  const decoder = new StringDecoder('utf8');
  let text: string[] = [];
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      input.off('data', onData).off('close', onClose).off('end', onClose);
      signal.removeEventListener('abort', onAbort);
      input.pause();
      end();
    };
    const onClose = () => settle(() => resolve('closed'));
    const onAbort = () => settle(() => reject(signal.reason));
    const onData = (chunk: Buffer) => {
      for (const key of withoutEscapes(decoder.write(chunk))) {
        const end = press(key);
        if (end) return settle(() => resolve(end));
      }
    };
    const press = (key: string): TypedLine | undefined => {
      if (key === '\r' || key === '\n') return {text: text.join('')};
      if (key === '\u0003') return 'interrupted';
      if (key === '\u0004' && text.length === 0) return 'closed';
      if (key === '\u007F' || key === '\b') {
        if (text.pop() !== undefined) echo(ERASE);
      } else if (key === '\u0015') {
        echo(ERASE.repeat(text.length));
        text = [];
      } else if (key >= ' ') {
        text.push(key);
        echo(key);
      }
      return undefined;
    };
    input.on('data', onData).on('close', onClose).on('end', onClose);
    signal.addEventListener('abort', onAbort, {once: true});
    input.resume();
  });
}

/** Arrow keys and their like are no characters of an answer. */
function withoutEscapes(typed: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: -- terminals send control characters
  return typed.replaceAll(/\u001B(?:\[[0-9;?]*[ -/]*[@-~]|O.|.)?/g, '');
}

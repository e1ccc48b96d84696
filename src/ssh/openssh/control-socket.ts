/** The control socket of a running ssh: PROTOCOL.mux of OpenSSH. */
import {once} from 'node:events';
import {connect, type Socket} from 'node:net';
import {Cutter, encode, Fields} from './wire.ts';

const VERSION = 4;
const HELLO = 0x0000_0001;
const PROXY = 0x1000_000f;
const PROXY_STARTS = 0x8000_000f;
const TERMINATE = 0x1000_0005;
const LIMIT_MS = 10_000;
const FAREWELL_MS = 300;

/** A control socket that carries the connection protocol from now on; `cutter` has what came already. */
export interface Proxied {
  readonly socket: Socket;
  readonly cutter: Cutter;
}

/** Has the ssh behind the socket pass on the messages of the connection protocol. Throws when it does not. */
export async function openProxy(path: string): Promise<Proxied> {
  const socket = connect(path);
  try {
    const cutter = new Cutter();
    const answers = answersOn(socket, cutter);
    send(socket, HELLO, VERSION);
    await expect(answers, HELLO, VERSION);
    send(socket, PROXY, 0);
    await expect(answers, PROXY_STARTS, 0);
    return {socket, cutter};
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Has the ssh behind the socket end, with its connection. Does not mind when it has ended. */
export async function terminate(path: string): Promise<void> {
  const socket = connect(path);
  socket.on('error', () => {});
  send(socket, HELLO, VERSION);
  send(socket, TERMINATE, 0);
  socket.resume();
  await once(socket, 'close', {signal: AbortSignal.timeout(FAREWELL_MS)}).catch(() => {});
  socket.destroy();
}

function send(socket: Socket, ...fields: readonly number[]): void {
  socket.write(encode(encode(...fields)));
}

/** The messages of a socket that is read by nobody else meanwhile, one at a time. */
async function* answersOn(socket: Socket, cutter: Cutter): AsyncGenerator<Buffer> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  await once(socket, 'connect', {signal});
  for (;;) {
    await once(socket, 'readable', {signal});
    const chunk: Buffer | null = socket.read();
    if (chunk === null && socket.readableEnded) throw new Error('ssh closed its control socket');
    if (chunk !== null) yield* cutter.push(chunk);
  }
}

async function expect(answers: AsyncGenerator<Buffer>, type: number, value: number): Promise<void> {
  const {value: answer} = await answers.next();
  const fields = new Fields(answer as Buffer);
  if (fields.uint32() !== type || fields.uint32() !== value)
    throw new Error('ssh does not speak version 4 of its control protocol, with proxies');
}

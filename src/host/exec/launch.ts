/** Starting a command on a channel: what comes back is the command's own. */
import {randomBytes} from 'node:crypto';
import {pipeline, type Readable, type Writable} from 'node:stream';
import {finished} from 'node:stream/promises';
import type {Secret} from '../../secret.ts';
import type {Command} from '../command.ts';
import type {Channel, Exit, Transport} from '../transport.ts';
import {commandLine, secretLines, secretsOf} from './command-line.ts';
import {gateTo} from './gate.ts';
import {Handshake} from './handshake.ts';
import {Marks} from './marks.ts';

const TERMINAL = {columns: 80, rows: 24};

export interface Launch {
  /** As errors call it. */
  readonly host: string;
  readonly command: Command;
  readonly sudoPassword?: Secret | undefined;
  readonly isUrgent?: boolean;
  /** Stops waiting for the channel; a command that runs is not ended by it. */
  readonly signal?: AbortSignal;
}

/** A command that was sent. Its streams hold nothing that is not its own. */
export interface Launched {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when the command has ended. Rejects with SudoRefused, ConnectionLost or NotStarted. */
  readonly exit: Promise<Exit>;
  /** Processes of it that are known by now, the outer one first. */
  readonly processIds: readonly number[];
  /** Wants nothing more of it. May be called twice. */
  abandon(): void;
}

/** Resolves when the channel is open. @throws UsageError, HostUnreachable, AuthenticationFailed, ConnectionLost */
export async function launch(transport: Transport, request: Launch): Promise<Launched> {
  const {host, command, sudoPassword: password, isUrgent, signal} = request;
  const mark = randomToken();
  const prompt = command.sudo && password ? `[${randomToken()}]` : undefined;
  const line = commandLine(command, {mark, prompt});
  const secrets = secretLines(command.env);
  const channel = await transport.open(line, {
    ...(command.pty && {pty: TERMINAL}),
    ...(isUrgent && {isUrgent}),
    ...(signal && {signal}),
  });
  const gate = gateTo(channel.stdin, command.pty === true);
  const send = (text: string) => void channel.stdin.write(text);
  // What waits for nothing is sent its input at once, which saves a round trip.
  const isOpen = !command.pty && !command.sudo && secretsOf(command.env).length === 0;
  const onRun = isOpen ? () => {} : gate.open;
  if (isOpen) gate.open();
  const handshake = new Handshake({host, command, prompt, password, secrets, send, onRun});
  const said = new Marks(mark, handshake);
  const quiet = new Marks(mark);
  const [stdout, stderr] = command.pty ? [said, quiet] : [quiet, said];
  // A mere pipe would not tell them that the connection is lost: whoever reads would wait for ever.
  pipeline(channel.stdout, stdout, () => {});
  pipeline(channel.stderr, stderr, () => {});
  const abandon = () => {
    handshake.stop();
    for (const stream of [gate.stdin, stdout, stderr]) stream.destroy();
    channel.abandon();
  };
  handshake.refused.catch(abandon);
  const exit = Promise.race([exitOf(channel, handshake, said), handshake.refused]);
  const release = () => {
    handshake.stop();
    gate.stdin.destroy();
  };
  exit.then(release, release);
  return {stdin: gate.stdin, stdout, stderr, exit, processIds: handshake.processIds, abandon};
}

async function exitOf(channel: Channel, handshake: Handshake, said: Marks): Promise<Exit> {
  const exit = await channel.exit;
  if (handshake.isRunning) return exit;
  await finished(said, {readable: false}).catch(() => {});
  return handshake.settle(exit, said.text);
}

function randomToken(): string {
  return randomBytes(12).toString('hex');
}
